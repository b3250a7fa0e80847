#include "stages/validate/rules_command.hpp"
#include "stages/validate/validate.hpp"

DEPLOYFLOW_PLUGIN("validate",
                  "0.1.0",
                  "Apache-2.0",
                  deployflow::validate::Validate,
                  deployflow::validate::UpdateBaseline,
                  deployflow::validate::RulesCommand)
