#include "stages/shape/noindex.hpp"
#include "stages/shape/shape.hpp"

DEPLOYFLOW_PLUGIN(
    "shape", "0.1.0", "Apache-2.0", deployflow::stages::Shape, deployflow::stages::Noindex)
