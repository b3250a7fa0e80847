#include "plugins/host/store/bucket_config_xml.hpp"

#include "plugins/host/store/xml_reading.hpp"

#include <pugixml.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <initializer_list>

namespace deployflow::store {
namespace {

using Names = std::initializer_list<std::string_view>;

// An empty element says nothing, whatever its name: Versity has <RoutingRules> in each website.
bool has_only(const pugi::xml_node& node, Names known) {
  return std::all_of(node.begin(), node.end(), [&](const pugi::xml_node& child) {
    return child.type() != pugi::node_element || !child.first_child() ||
           std::find(known.begin(), known.end(), local_name(child.name())) != known.end();
  });
}

std::vector<std::string> texts_of(const pugi::xml_node& node, const char* child) {
  std::vector<std::string> out;
  for (const pugi::xml_node& one : node.children(child)) {
    out.emplace_back(one.child_value());
  }
  return out;
}

// nullopt also for a number that no day or second can be.
std::optional<std::uint32_t> small_number(std::string_view text) {
  const auto number = xml_number(text);
  if (!number || *number > UINT32_MAX) {
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(*number);
}

// ---- reading
// --------------------------------------------------------------------------------------

VersioningConfig read_versioning(const pugi::xml_node& root) {
  const std::string_view status = text_of(root, "Status");
  return {status == "Enabled"     ? Versioning::enabled
          : status == "Suspended" ? Versioning::suspended
                                  : Versioning::never};
}

WebsiteConfig read_website(const pugi::xml_node& root) {
  Website site;
  site.index = text_of(root.child("IndexDocument"), "Suffix");
  site.error_key = text_of(root.child("ErrorDocument"), "Key");
  site.all_to = text_of(root.child("RedirectAllRequestsTo"), "HostName");
  const bool plain = has_only(root, {"IndexDocument", "ErrorDocument", "RedirectAllRequestsTo"}) &&
                     has_only(root.child("RedirectAllRequestsTo"), {"HostName"});
  return {std::move(site), !plain};
}

CorsConfig read_cors(const pugi::xml_node& root) {
  CorsConfig out;
  for (const pugi::xml_node& node : root.children("CORSRule")) {
    CorsRule rule;
    rule.origins = texts_of(node, "AllowedOrigin");
    rule.methods = texts_of(node, "AllowedMethod");
    rule.headers = texts_of(node, "AllowedHeader");
    rule.exposed = texts_of(node, "ExposeHeader");
    rule.max_age_seconds = small_number(text_of(node, "MaxAgeSeconds"));
    out.rules.push_back(std::move(rule));
    // An ID is only a name, and lost without harm.
    out.has_more = out.has_more || !has_only(node,
                                             {"AllowedOrigin",
                                              "AllowedMethod",
                                              "AllowedHeader",
                                              "ExposeHeader",
                                              "MaxAgeSeconds",
                                              "ID"});
  }
  return out;
}

LifecycleConfig read_lifecycle(const pugi::xml_node& root) {
  LifecycleConfig out;
  for (const pugi::xml_node& node : root.children("Rule")) {
    const pugi::xml_node filter = node.child("Filter");
    const pugi::xml_node expiry = node.child("Expiration");
    const pugi::xml_node noncurrent = node.child("NoncurrentVersionExpiration");
    const pugi::xml_node unfinished = node.child("AbortIncompleteMultipartUpload");
    LifecycleRule rule;
    rule.id = text_of(node, "ID");
    rule.prefix = filter ? text_of(filter, "Prefix") : text_of(node, "Prefix");
    rule.enabled = text_of(node, "Status") == "Enabled";
    rule.expire_days = small_number(text_of(expiry, "Days"));
    rule.noncurrent_days = small_number(text_of(noncurrent, "NoncurrentDays"));
    rule.unfinished_days = small_number(text_of(unfinished, "DaysAfterInitiation"));
    const bool plain = has_only(node,
                                {"ID",
                                 "Filter",
                                 "Prefix",
                                 "Status",
                                 "Expiration",
                                 "NoncurrentVersionExpiration",
                                 "AbortIncompleteMultipartUpload"}) &&
                       has_only(filter, {"Prefix"}) && has_only(expiry, {"Days"}) &&
                       has_only(noncurrent, {"NoncurrentDays"}) &&
                       has_only(unfinished, {"DaysAfterInitiation"});
    out.rules.push_back(std::move(rule));
    out.has_more = out.has_more || !plain;
  }
  return out;
}

// ---- writing
// --------------------------------------------------------------------------------------

constexpr std::string_view k_namespace = R"( xmlns="http://s3.amazonaws.com/doc/2006-03-01/">)";

std::string document(std::string_view root, std::string_view inside) {
  return fmt::format("<{}{}{}</{}>", root, k_namespace, inside, root);
}

Error not_taken(std::string message) {
  return {Errc::config, std::move(message)};
}

void append_all(std::string& out, std::string_view name, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    append_element(out, name, text);
  }
}

struct Writer {
  Result<std::string> operator()(const VersioningConfig& config) const {
    if (config.versioning == Versioning::never) {
      return not_taken("versioning can be suspended, not undone");
    }
    const bool enabled = config.versioning == Versioning::enabled;
    std::string inside;
    append_element(inside, "Status", enabled ? "Enabled" : "Suspended");
    return document("VersioningConfiguration", inside);
  }

  Result<std::string> operator()(const WebsiteConfig& config) const {
    if (!config.website) {
      return std::string();
    }
    const Website& site = *config.website;
    std::string inside;
    if (!site.all_to.empty()) {
      inside = "<RedirectAllRequestsTo>";
      append_element(inside, "HostName", site.all_to);
      return document("WebsiteConfiguration", inside + "</RedirectAllRequestsTo>");
    }
    if (site.index.empty() || site.index.find('/') != std::string::npos) {
      return not_taken("a website needs the name of its index object, without a slash");
    }
    inside = "<IndexDocument>";
    append_element(inside, "Suffix", site.index);
    inside += "</IndexDocument>";
    if (!site.error_key.empty()) {
      inside += "<ErrorDocument>";
      append_element(inside, "Key", site.error_key);
      inside += "</ErrorDocument>";
    }
    return document("WebsiteConfiguration", inside);
  }

  Result<std::string> operator()(const CorsConfig& config) const {
    std::string inside;
    for (const CorsRule& rule : config.rules) {
      if (rule.origins.empty() || rule.methods.empty()) {
        return not_taken("a CORS rule needs an origin and a method");
      }
      inside += "<CORSRule>";
      append_all(inside, "AllowedOrigin", rule.origins);
      append_all(inside, "AllowedMethod", rule.methods);
      append_all(inside, "AllowedHeader", rule.headers);
      append_all(inside, "ExposeHeader", rule.exposed);
      if (rule.max_age_seconds) {
        append_element(inside, "MaxAgeSeconds", std::to_string(*rule.max_age_seconds));
      }
      inside += "</CORSRule>";
    }
    return inside.empty() ? std::string() : document("CORSConfiguration", inside);
  }

  Result<std::string> operator()(const LifecycleConfig& config) const {
    std::string inside;
    for (const LifecycleRule& rule : config.rules) {
      const std::array days{rule.expire_days, rule.noncurrent_days, rule.unfinished_days};
      const bool any = std::any_of(days.begin(), days.end(), [](const auto& d) { return !!d; });
      if (!any || std::find(days.begin(), days.end(), 0U) != days.end()) {
        return not_taken("a lifecycle rule needs a number of days, at least 1");
      }
      inside += "<Rule>";
      if (!rule.id.empty()) {
        append_element(inside, "ID", rule.id);
      }
      // Filter, not Prefix beside it: AWS takes both, others only the newer one.
      inside += "<Filter>";
      append_element(inside, "Prefix", rule.prefix);
      inside += "</Filter>";
      append_element(inside, "Status", rule.enabled ? "Enabled" : "Disabled");
      append_days(inside, "Expiration", "Days", rule.expire_days);
      append_days(inside, "NoncurrentVersionExpiration", "NoncurrentDays", rule.noncurrent_days);
      append_days(
          inside, "AbortIncompleteMultipartUpload", "DaysAfterInitiation", rule.unfinished_days);
      inside += "</Rule>";
    }
    return inside.empty() ? std::string() : document("LifecycleConfiguration", inside);
  }

 private:
  static void append_days(std::string& out,
                          std::string_view action,
                          std::string_view name,
                          const std::optional<std::uint32_t>& days) {
    if (days) {
      out += fmt::format("<{}><{}>{}</{}></{}>", action, name, *days, name, action);
    }
  }
};

struct AspectNames {
  std::string_view parameter, root, unset;
};

const AspectNames& names_of(BucketAspect aspect) {
  static constexpr std::array<AspectNames, 4> k_names{{
      {"versioning", "VersioningConfiguration", ""},
      {"website", "WebsiteConfiguration", "NoSuchWebsiteConfiguration"},
      {"cors", "CORSConfiguration", "NoSuchCORSConfiguration"},
      {"lifecycle", "LifecycleConfiguration", "NoSuchLifecycleConfiguration"},
  }};
  return k_names.at(static_cast<std::size_t>(aspect));
}

}  // namespace

Result<BucketConfig> parse_bucket_config_xml(BucketAspect aspect, std::string_view body) {
  pugi::xml_document document;
  TRY(load_xml(document, body));
  TRY_ASSIGN(const pugi::xml_node root, xml_root(document, names_of(aspect).root));
  switch (aspect) {
    case BucketAspect::website:
      return BucketConfig(read_website(root));
    case BucketAspect::cors:
      return BucketConfig(read_cors(root));
    case BucketAspect::lifecycle:
      return BucketConfig(read_lifecycle(root));
    case BucketAspect::versioning:
      break;
  }
  return BucketConfig(read_versioning(root));
}

Result<std::string> make_bucket_config_xml(const BucketConfig& config) {
  return std::visit(Writer{}, config);
}

std::string_view aspect_name(BucketAspect aspect) {
  return names_of(aspect).parameter;
}

std::string_view code_when_unset(BucketAspect aspect) {
  return names_of(aspect).unset;
}

BucketConfig unset_config(BucketAspect aspect) {
  switch (aspect) {
    case BucketAspect::website:
      return WebsiteConfig{};
    case BucketAspect::cors:
      return CorsConfig{};
    case BucketAspect::lifecycle:
      return LifecycleConfig{};
    case BucketAspect::versioning:
      break;
  }
  return VersioningConfig{};
}

}  // namespace deployflow::store
