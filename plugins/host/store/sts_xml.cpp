#include "plugins/host/store/sts_xml.hpp"

#include <pugixml.hpp>

namespace deployflow::store {
namespace {

// pugixml accepts junk in front of the root, and a NUL would cut a value short.
bool load(pugi::xml_document& document, std::string_view body) {
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || body[first] != '<' ||
      body.find('\0') != std::string_view::npos) {
    return false;
  }
  return static_cast<bool>(
      document.load_buffer(body.data(), body.size(), pugi::parse_default, pugi::encoding_utf8));
}

std::string_view local_name(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

}  // namespace

std::optional<StsKey> parse_sts_key_xml(std::string_view body) {
  pugi::xml_document document;
  if (!load(document, body)) {
    return std::nullopt;
  }
  const pugi::xml_node root = document.document_element();
  const std::string_view name = local_name(root.name());
  if (name != "AssumeRoleResponse" && name != "AssumeRoleWithWebIdentityResponse") {
    return std::nullopt;
  }
  const char* const result =
      name == "AssumeRoleResponse" ? "AssumeRoleResult" : "AssumeRoleWithWebIdentityResult";
  const pugi::xml_node key = root.child(result).child("Credentials");
  return StsKey{key.child_value("AccessKeyId"),
                key.child_value("SecretAccessKey"),
                key.child_value("SessionToken"),
                key.child_value("Expiration")};
}

std::optional<StsError> parse_sts_error_xml(std::string_view body) {
  pugi::xml_document document;
  if (!load(document, body)) {
    return std::nullopt;
  }
  const pugi::xml_node root = document.document_element();
  const std::string_view name = local_name(root.name());
  if (name != "ErrorResponse" && name != "Error") {
    return std::nullopt;
  }
  const pugi::xml_node error = name == "Error" ? root : root.child("Error");
  return StsError{error.child_value("Code"), error.child_value("Message")};
}

}  // namespace deployflow::store
