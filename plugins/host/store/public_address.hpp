// Which addresses are of the internet, and which of this machine, a private network or nobody.
//
// A page may link to http://169.254.169.254/ or to a name that resolves to 127.0.0.1: whoever
// follows links of a site looks at each address before it connects. Registries:
// https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry. Pure.

#pragma once

#include <sys/socket.h>

#include <string>

namespace deployflow::store {

/// Of IPv4 or IPv6; an address of any other family is not public.
bool is_public_address(const sockaddr& address);

/// False for an address in text ("127.0.0.1", "[::1]") that is not public, and for names of this
/// machine ("localhost"); true for any other name, whatever it resolves to.
bool may_be_public(const std::string& host);

}  // namespace deployflow::store
