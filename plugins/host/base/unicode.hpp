// Texts that a person takes for the same although their bytes differ (utf8proc).

#pragma once

#include <string>
#include <string_view>

namespace deployflow {

/// Normalization Form C (UAX #15): what one text looks like however it was typed. Text that is not
/// UTF-8 comes back as it is.
std::string to_nfc(std::string_view text);

/// Equal for texts that differ only in case, by full case folding ("STRASSE", "straße"), or not
/// even in that once normalised; for comparing, not for showing.
std::string fold_case(std::string_view text);

}  // namespace deployflow
