// What the web said about an address.

#pragma once

#include <cstdint>
#include <string>

namespace deployflow::validate {

enum class WebTrouble : std::uint8_t {
  none,
  other,        // what came is not HTTP
  bad_url,      //
  unresolved,   // nobody knows the host
  refused,      // the machine is there, and nobody listens
  unreachable,  // no way to the machine
  tls,          // a certificate that does not hold
  timeout,      //
  closed,       // the connection ended before the answer
  redirects,    // in a circle, or without end
  not_public    // not asked: of this machine or a private network
};

struct WebAnswer {
  int status = 0;  // of HTTP; 0 = none came
  WebTrouble trouble = WebTrouble::none;
  std::string moved_to = {};  // where permanent redirects lead; empty = nowhere else
  std::string message = {};   // of a trouble
  std::int64_t asked_s = 0;   // since the epoch

  friend bool operator==(const WebAnswer&, const WebAnswer&) = default;
};

}  // namespace deployflow::validate
