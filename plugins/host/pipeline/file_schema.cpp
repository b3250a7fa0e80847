#include "plugins/host/pipeline/file_schema.hpp"

#include <cassert>
#include <utility>

namespace deployflow::pipeline {
namespace {

constexpr std::string_view k_text = R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "deployflow pipeline",
  "type": "object",
  "required": ["version", "stages"],
  "properties": {
    "version": {"type": "integer", "const": 1, "description": "version of this file's format"},
    "site": {"type": "string", "minLength": 1, "description": "file or folder to deploy; - is standard input"},
    "plugins": {
      "type": "array",
      "description": "shared objects with stages, relative to this file",
      "items": {"anyOf": [
        {"type": "string", "format": "path"},
        {"type": "object", "required": ["path"], "properties": {"path": {"type": "string", "format": "path"}}}
      ]}
    },
    "targets": {
      "type": "object",
      "description": "places in object stores, by name",
      "additionalProperties": {
        "type": "object",
        "required": ["bucket"],
        "properties": {
          "endpoint": {"type": "string", "description": "URL of the store; AWS when it is left out"},
          "bucket": {"type": "string"},
          "prefix": {"type": "string", "description": "what every key starts with"},
          "region": {"type": "string"},
          "profile": {"type": "string", "description": "profile in ~/.aws that has the credentials"},
          "anonymous": {"type": "boolean", "description": "send requests unsigned"},
          "addressing": {"enum": ["auto", "path", "virtual"]},
          "url": {"type": "string", "description": "public URL of the site"},
          "previews": {"type": "string", "description": "folder of its previews, behind the prefix"},
          "storage_class": {"type": "string", "pattern": "^[A-Za-z0-9_-]*$", "description": "of what is stored, such as STANDARD_IA"},
          "acl": {
            "enum": ["private", "public-read", "public-read-write", "authenticated-read", "aws-exec-read", "bucket-owner-read", "bucket-owner-full-control"],
            "description": "who may read what is stored, for buckets that go by ACLs; without it none is sent"
          },
          "encryption": {"enum": ["AES256", "aws:kms", "customer"], "description": "at rest: by the store, by a key service, or with a key of yours"},
          "kms_key_id": {"type": "string", "description": "key for aws:kms"},
          "customer_key_file": {"type": "string", "format": "path", "description": "key for customer: 32 bytes, raw or as base64"},
          "tags": {"type": "object", "additionalProperties": {"type": "string"}, "description": "tags of what is stored"},
          "ca_file": {"type": "string", "format": "path", "description": "PEM file with the CAs to trust, instead of the system's"},
          "client_cert_file": {"type": "string", "format": "path", "description": "PEM file with the certificate to show to the store"},
          "client_key_file": {"type": "string", "format": "path", "description": "PEM file with its key"},
          "stall_timeout": {
            "type": "string", "format": "duration", "minimum": "1s", "maximum": "1h",
            "description": "a request that moves no byte for so long is sent again"
          },
          "state": {
            "type": "object",
            "description": "where .deployflow/ is kept instead of beside the site; what is left out is the site's",
            "properties": {
              "bucket": {"type": "string", "description": "of the same endpoint"},
              "prefix": {"type": "string", "description": "what .deployflow/ lies under; / is none"}
            }
          },
          "wire": {
            "type": "object",
            "description": "how requests to it are written; found out by itself, so this is never needed",
            "properties": {
              "list": {"enum": ["v2", "v1"], "description": "version of ListObjects to begin with"},
              "list_keys": {"enum": ["url", "plain"], "description": "ask for listed keys in URL encoding, or as they are"},
              "if_match": {"enum": ["quoted", "bare"], "description": "ETags in conditions with quotes or without"},
              "delete_many": {"type": "boolean", "description": "delete a thousand objects in one request"},
              "signed_media_type": {"type": "boolean", "description": "sign the media type too"},
              "content_md5": {"type": "boolean", "description": "send a Content-MD5 with the bytes of objects"}
            }
          }
        }
      }
    },
    "stages": {
      "type": "array",
      "minItems": 1,
      "items": {
        "type": "object",
        "required": ["uses"],
        "properties": {
          "uses": {
            "type": "string",
            "pattern": "^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)?$",
            "description": "type of the stage, such as upload or acme/check"
          },
          "id": {
            "type": "string",
            "maxLength": 100,
            "pattern": "^[A-Za-z0-9._/-]+$",
            "description": "letters, digits and . _ / -"
          },
          "with": {"type": "object", "additionalProperties": true, "description": "options of the stage"}
        }
      }
    }
  }
})json";

}  // namespace

std::string_view file_schema_text() {
  return k_text;
}

const Schema& file_schema() {
  static const Schema schema = [] {
    auto parsed = parse_schema(k_text);
    assert(parsed.ok());
    return std::move(parsed).value();
  }();
  return schema;
}

}  // namespace deployflow::pipeline
