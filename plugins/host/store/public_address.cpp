#include "plugins/host/store/public_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace deployflow::store {
namespace {

struct Block {
  std::uint32_t begin;
  unsigned bits;
};

constexpr std::uint32_t ip(unsigned a, unsigned b, unsigned c = 0) {
  return a << 24U | b << 16U | c << 8U;
}

constexpr std::array k_not_public{Block{ip(0, 0), 8},        // this network
                                  Block{ip(10, 0), 8},       // private
                                  Block{ip(100, 64), 10},    // of providers
                                  Block{ip(127, 0), 8},      // this machine
                                  Block{ip(169, 254), 16},   // this link; metadata of clouds
                                  Block{ip(172, 16), 12},    // private
                                  Block{ip(192, 0, 0), 24},  // protocols
                                  Block{ip(192, 0, 2), 24},  // documentation
                                  Block{ip(192, 88, 99), 24},
                                  Block{ip(192, 168), 16},  // private
                                  Block{ip(198, 18), 15},   // measurements
                                  Block{ip(198, 51, 100), 24},
                                  Block{ip(203, 0, 113), 24},
                                  Block{ip(224, 0), 3}};  // groups, and what is reserved

bool is_public(std::uint32_t address) {
  return std::none_of(k_not_public.begin(), k_not_public.end(), [address](const Block& block) {
    return (address ^ block.begin) >> (32U - block.bits) == 0;
  });
}

using Ip6 = std::array<std::uint8_t, 16>;

std::uint32_t word(const Ip6& address, std::size_t at) {
  return std::uint32_t{address[at]} << 24U | std::uint32_t{address[at + 1]} << 16U |
         std::uint32_t{address[at + 2]} << 8U | std::uint32_t{address[at + 3]};
}

bool is_public(const Ip6& address) {
  const std::uint32_t first = word(address, 0);
  const bool has_middle = word(address, 4) == 0 && word(address, 8) == 0;
  if (first == 0x0064FF9B && has_middle) {  // NAT64: stands for an IPv4 address
    return is_public(word(address, 12));
  }
  if (first == 0 && word(address, 4) == 0 && word(address, 8) == 0xFFFF) {  // IPv4 in its clothes
    return is_public(word(address, 12));
  }
  if (first >> 16U == 0x2002) {  // 6to4
    return is_public(first << 16U | word(address, 4) >> 16U);
  }
  const bool is_global = first >> 29U == 1;                // 2000::/3
  const bool is_special = first >> 9U == 0x20010000 >> 9;  // protocols, Teredo among them
  return is_global && !is_special && first != 0x20010DB8;
}

}  // namespace

bool is_public_address(const sockaddr& address) {
  // Copied: the storage behind a sockaddr need not be aligned for what it is.
  if (address.sa_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, &address, sizeof four);
    return is_public(ntohl(four.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 six{};
    std::memcpy(&six, &address, sizeof six);
    Ip6 bytes{};
    std::memcpy(bytes.data(), &six.sin6_addr, bytes.size());
    return is_public(bytes);
  }
  return false;
}

bool may_be_public(const std::string& host) {
  std::string name = host;
  if (name.size() > 2 && name.front() == '[' && name.back() == ']') {
    name = name.substr(1, name.size() - 2);
  }
  name.resize(std::min(name.find('%'), name.size()));  // the zone of a link
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  in_addr four{};
  if (::inet_pton(AF_INET, name.c_str(), &four) == 1) {
    return is_public(ntohl(four.s_addr));
  }
  Ip6 six{};
  if (::inet_pton(AF_INET6, name.c_str(), six.data()) == 1) {
    return is_public(six);
  }
  if (name.ends_with('.')) {
    name.pop_back();
  }
  return name != "localhost" && !name.ends_with(".localhost");
}

}  // namespace deployflow::store
