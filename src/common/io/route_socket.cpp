#include "io/route_socket.hpp"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>

#include "io/netlink_message.hpp"
#include "io/socket_address.hpp"

namespace sennit::io {

namespace {

std::uint8_t kernel_family(base::Family family) {
  return static_cast<std::uint8_t>(address_family(family));
}

NetlinkMessage address_request(int type, int flags, InterfaceIndex index, const base::Prefix& address) {
  ifaddrmsg header{};
  header.ifa_family = kernel_family(address.family());
  header.ifa_prefixlen = static_cast<std::uint8_t>(address.length());
  header.ifa_index = static_cast<std::uint32_t>(index.value);
  if (address.family() == base::Family::kV6) header.ifa_flags = IFA_F_NODAD;
  NetlinkMessage message(type, flags);
  message.put_header(header);
  message.put(IFA_LOCAL, address.address());
  message.put(IFA_ADDRESS, address.address());
  return message;
}

NetlinkMessage route_request(int type, int flags, const DeviceRoute& route) {
  rtmsg header{};
  header.rtm_family = kernel_family(route.destination.family());
  header.rtm_dst_len = static_cast<std::uint8_t>(route.destination.length());
  header.rtm_table = RT_TABLE_MAIN;
  header.rtm_protocol = RTPROT_STATIC;
  header.rtm_scope = route.destination.family() == base::Family::kV4 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  header.rtm_type = RTN_UNICAST;
  NetlinkMessage message(type, flags);
  message.put_header(header);
  message.put(RTA_DST, route.destination.network().address());
  message.put(RTA_OIF, static_cast<std::uint32_t>(route.device.value));
  if (route.metric) message.put(RTA_PRIORITY, std::uint32_t{*route.metric});
  if (route.source.family() != base::Family::kNone) message.put(RTA_PREFSRC, route.source);
  if (route.mtu) {
    const NetlinkMessage::Nest metrics(message, RTA_METRICS);
    message.put(RTAX_MTU, std::uint32_t{*route.mtu});
  }
  return message;
}

NetlinkMessage link_request(InterfaceIndex index, std::optional<bool> up) {
  ifinfomsg header{};
  header.ifi_index = index.value;
  header.ifi_change = up ? unsigned{IFF_UP} : 0U;
  header.ifi_flags = up.value_or(false) ? unsigned{IFF_UP} : 0U;
  NetlinkMessage message(RTM_NEWLINK, 0);
  message.put_header(header);
  return message;
}

void put_no_link_local(NetlinkMessage& message) {
  const NetlinkMessage::Nest families(message, IFLA_AF_SPEC);
  const NetlinkMessage::Nest v6(message, AF_INET6);
  message.put(IFLA_INET6_ADDR_GEN_MODE, std::uint8_t{IN6_ADDR_GEN_MODE_NONE});
}

std::optional<Interface> parse_link(nlmsghdr* message) {
  const auto* header = header_of<ifinfomsg>(message);
  if (header == nullptr || message->nlmsg_type != RTM_NEWLINK) return std::nullopt;
  const NetlinkAttributes attributes(message, sizeof(*header));
  constexpr unsigned kCarries = IFF_UP | IFF_RUNNING;
  const bool running = (header->ifi_flags & kCarries) == kCarries;
  return Interface{{header->ifi_index},
                   attributes.text(IFLA_IFNAME),
                   attributes.u32(IFLA_MTU).value_or(0),
                   running ? InterfaceState::kRunning : InterfaceState::kDown,
                   {}};
}

struct FoundAddress {
  InterfaceIndex index;
  base::Prefix address;
};

std::optional<FoundAddress> parse_link_local(nlmsghdr* message) {
  const auto* header = header_of<ifaddrmsg>(message);
  if (header == nullptr || message->nlmsg_type != RTM_NEWADDR) return std::nullopt;
  const auto address = NetlinkAttributes(message, sizeof(*header)).address(IFA_ADDRESS);
  if (address.family() != base::Family::kV6 || !address.is_link_local()) return std::nullopt;
  return FoundAddress{{static_cast<int>(header->ifa_index)}, base::Prefix(address, header->ifa_prefixlen)};
}

// Nothing for an address that no socket should be bound to.
std::optional<FoundAddress> parse_usable_address(nlmsghdr* message) {
  const auto* header = header_of<ifaddrmsg>(message);
  if (header == nullptr || message->nlmsg_type != RTM_NEWADDR) return std::nullopt;
  const NetlinkAttributes attributes(message, sizeof(*header));
  constexpr std::uint32_t kUnusable = IFA_F_TENTATIVE | IFA_F_DADFAILED | IFA_F_DEPRECATED;
  const auto flags = attributes.u32(IFA_FLAGS).value_or(header->ifa_flags);
  if (header->ifa_scope >= RT_SCOPE_LINK || (flags & kUnusable) != 0) return std::nullopt;
  auto address = attributes.address(IFA_LOCAL);
  if (address.family() == base::Family::kNone) address = attributes.address(IFA_ADDRESS);
  if (address.family() == base::Family::kNone || address.is_link_local()) return std::nullopt;
  return FoundAddress{{static_cast<int>(header->ifa_index)}, base::Prefix(address, header->ifa_prefixlen)};
}

}  // namespace

std::vector<base::Prefix> prefixes_to_route(const base::Prefix& prefix) {
  if (prefix.length() != 0) return {prefix};
  if (prefix.family() == base::Family::kV4) {
    return {{base::IpAddress::v4({}), 1}, {base::IpAddress::v4({0x80}), 1}};
  }
  return {{base::IpAddress::v6({}), 1}, {base::IpAddress::v6({0x80}), 1}};
}

std::error_code RouteSocket::configure(InterfaceIndex index, const LinkSettings& settings) {
  // A request of its own, and the first: the kernel obeys the MTU, which may end IPv6, and IFF_UP before
  // IFLA_AF_SPEC.
  if (settings.without_link_local) {
    if (const auto error = forbid_link_local(index)) return error;
  }
  auto message = link_request(index, std::nullopt);
  if (settings.mtu) message.put(IFLA_MTU, std::uint32_t{*settings.mtu});
  if (settings.queue_length) message.put(IFLA_TXQLEN, std::uint32_t{*settings.queue_length});
  const auto error = socket_.request(message);
  if (error || !settings.up) return error;
  return socket_.request(link_request(index, settings.up));
}

std::error_code RouteSocket::forbid_link_local(InterfaceIndex index) {
  auto message = link_request(index, std::nullopt);
  put_no_link_local(message);
  const auto error = socket_.request(message);
  if (error == std::errc::address_family_not_supported) return {};
  return error ? error : remove_link_local(index);
}

std::error_code RouteSocket::remove_link_local(InterfaceIndex index) {
  std::vector<base::Prefix> found;
  ifaddrmsg v6{};
  v6.ifa_family = AF_INET6;
  NetlinkMessage addresses(RTM_GETADDR, 0);
  addresses.put_header(v6);
  const auto error = socket_.dump(addresses, [&](nlmsghdr* message) {
    const auto address = parse_link_local(message);
    if (address && address->index == index) found.push_back(address->address);
  });
  if (error) return error;
  for (const auto& address : found)
    if (const auto refused = remove_address(index, address)) return refused;
  return {};
}

std::error_code RouteSocket::add_address(InterfaceIndex index, const base::Prefix& address) {
  return socket_.request(address_request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, index, address));
}

std::error_code RouteSocket::remove_address(InterfaceIndex index, const base::Prefix& address) {
  return socket_.request(address_request(RTM_DELADDR, 0, index, address));
}

std::error_code RouteSocket::add_route(const DeviceRoute& route) {
  return socket_.request(route_request(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, route));
}

std::error_code RouteSocket::remove_route(const DeviceRoute& route) {
  return socket_.request(route_request(RTM_DELROUTE, 0, route));
}

std::vector<Interface> RouteSocket::interfaces() {
  std::vector<Interface> found;
  NetlinkMessage links(RTM_GETLINK, 0);
  links.put_header(ifinfomsg{});
  const auto links_error = socket_.dump(links, [&found](nlmsghdr* message) {
    if (auto link = parse_link(message)) found.push_back(std::move(*link));
  });
  if (links_error) return {};
  NetlinkMessage addresses(RTM_GETADDR, 0);
  addresses.put_header(ifaddrmsg{});
  const auto addresses_error = socket_.dump(addresses, [&found](nlmsghdr* message) {
    const auto address = parse_usable_address(message);
    if (!address) return;
    const auto owner = std::ranges::find(found, address->index, &Interface::index);
    if (owner != found.end()) owner->addresses.push_back(address->address);
  });
  if (addresses_error) return {};
  return found;
}

}  // namespace sennit::io
