// What every HTML report has in common; the files are in cli/report/page.

#pragma once

#include <string_view>

namespace deployflow::cli {

extern const std::string_view k_page_html;  // of the body
extern const std::string_view k_page_css;
extern const std::string_view k_page_js;

}  // namespace deployflow::cli
