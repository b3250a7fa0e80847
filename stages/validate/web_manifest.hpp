// Web app manifests: what a page links to as rel=manifest.
//
// Spec: https://www.w3.org/TR/appmanifest/. Followed is what a browser fetches or goes to: icons,
// screenshots, the start page, shortcuts, and where shared things, files and protocols are sent.
// `scope` and `id` name no file.

#pragma once

#include "stages/validate/file_readers.hpp"
#include "stages/validate/site_facts.hpp"
#include "stages/validate/site_file.hpp"

#include <span>
#include <string_view>

namespace deployflow::validate {

/// A reader as file_readers.hpp describes it; the place of a reference is that of its quote.
void read_web_manifest(std::string_view text, const FileSink& sink);

/// Is it one by its media type, or maybe by its name: JSON that is called manifest.json?
bool may_be_web_manifest(const SiteFile& file);

/// Files of that name are also made by other tools. Takes back what was read of those that no page
/// links to as its manifest.
void forget_unlinked_manifests(std::span<const SiteFile> files, SiteFacts& facts);

}  // namespace deployflow::validate
