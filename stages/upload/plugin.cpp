#include "stages/upload/upload.hpp"

DEPLOYFLOW_PLUGIN("upload", "0.1.0", "Apache-2.0", deployflow::stages::Upload)
