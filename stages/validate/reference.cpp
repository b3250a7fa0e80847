#include "stages/validate/reference.hpp"

#include <array>
#include <cstddef>

namespace deployflow::validate {

std::string_view reference_noun(RefKind kind) {
  constexpr std::array<std::string_view, 15> k_nouns{"link to",
                                                     "related page",
                                                     "frame",
                                                     "image",
                                                     "style sheet",
                                                     "script",
                                                     "font",
                                                     "media file",
                                                     "manifest",
                                                     "picture",
                                                     "file",
                                                     "answer to",
                                                     "integrity of",
                                                     "image",
                                                     "size of"};
  return k_nouns.at(static_cast<std::size_t>(kind));
}

}  // namespace deployflow::validate
