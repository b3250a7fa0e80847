#include "stages/replicate/replicate.hpp"

DEPLOYFLOW_PLUGIN("replicate", "0.1.0", "Apache-2.0", deployflow::stages::Replicate)
