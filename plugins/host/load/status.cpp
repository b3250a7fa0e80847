#include "plugins/host/load/status.hpp"

namespace deployflow::load {

df_status to_status(Errc code) {
  switch (code) {
    case Errc::usage:
    case Errc::config:
      return DF_BAD_OPTIONS;
    case Errc::input:
    case Errc::plugin:
      return DF_FAILED;
    case Errc::auth:
      return DF_DENIED;
    case Errc::not_found:
      return DF_NOT_FOUND;
    case Errc::conflict:
      return DF_CONFLICT;
    case Errc::network:
    case Errc::remote:
      return DF_IO;
    case Errc::cancelled:
      return DF_CANCELLED;
    case Errc::internal:
      return DF_INTERNAL;
  }
  return DF_INTERNAL;
}

Errc to_errc(df_status status) {
  switch (status) {
    case DF_CANCELLED:
      return Errc::cancelled;
    case DF_BAD_OPTIONS:
      return Errc::config;
    case DF_NOT_FOUND:
      return Errc::not_found;
    case DF_DENIED:
      return Errc::auth;
    case DF_CONFLICT:
      return Errc::conflict;
    case DF_IO:
    case DF_TIMEOUT:
      return Errc::network;
    case DF_INTERNAL:
      return Errc::internal;
    default:
      return Errc::input;  // DF_FAILED: what the findings tell
  }
}

const char* status_name(df_status status) {
  switch (status) {
    case DF_OK:
      return "DF_OK";
    case DF_FAILED:
      return "DF_FAILED";
    case DF_CANCELLED:
      return "DF_CANCELLED";
    case DF_BAD_OPTIONS:
      return "DF_BAD_OPTIONS";
    case DF_AGAIN:
      return "DF_AGAIN";
    case DF_UNSUPPORTED:
      return "DF_UNSUPPORTED";
    case DF_NOT_FOUND:
      return "DF_NOT_FOUND";
    case DF_DENIED:
      return "DF_DENIED";
    case DF_CONFLICT:
      return "DF_CONFLICT";
    case DF_IO:
      return "DF_IO";
    case DF_TIMEOUT:
      return "DF_TIMEOUT";
    case DF_INTERNAL:
      return "DF_INTERNAL";
    default:
      return "an unknown status";
  }
}

}  // namespace deployflow::load
