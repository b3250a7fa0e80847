#include "stages/compress/compress.hpp"

DEPLOYFLOW_PLUGIN("compress", "0.1.0", "Apache-2.0", deployflow::stages::Compress)
