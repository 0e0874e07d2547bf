#include "io/neighbours.hpp"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "io/netlink_events.hpp"
#include "io/netlink_message.hpp"

namespace sennit::io {

std::optional<Neighbour> parse_neighbour(nlmsghdr* message) {
  const bool is_there = message->nlmsg_type == RTM_NEWNEIGH;
  if (!is_there && message->nlmsg_type != RTM_DELNEIGH) return std::nullopt;
  const auto* header = header_of<ndmsg>(message);
  if (header == nullptr || (header->ndm_flags & NTF_PROXY) != 0 || header->ndm_type != RTN_UNICAST)
    return std::nullopt;
  // Bridges tell of their ports in the same messages.
  if (header->ndm_family != AF_INET && header->ndm_family != AF_INET6) return std::nullopt;
  const NetlinkAttributes attributes(message, sizeof(*header));
  const auto address = attributes.address(NDA_DST);
  if (address.family() == base::Family::kNone || address.is_link_local()) return std::nullopt;
  return Neighbour{{header->ndm_ifindex},
                   address,
                   base::MacAddress::from_bytes(attributes.bytes(NDA_LLADDR)),
                   is_there ? Presence::kThere : Presence::kGone};
}

Neighbours::Neighbours() : fd_(subscribe(RTMGRP_NEIGH, "changes of the neighbour table")) {}

NeighbourNews Neighbours::read() {
  NeighbourNews news;
  drain(news);
  if (!is_behind_) return news;
  auto whole = dump();
  if (!whole) return news;  // the kernel had no memory for the answer: again at the next event
  is_behind_ = false;
  return std::move(*whole);
}

void Neighbours::drain(NeighbourNews& news) {
  const auto loss = drain_events(fd(), [&news](nlmsghdr* message) {
    if (auto neighbour = parse_neighbour(message)) news.entries.push_back(*neighbour);
  });
  if (loss == EventLoss::kSome) is_behind_ = true;
}

std::optional<NeighbourNews> Neighbours::dump() {
  NeighbourNews whole{{}, Extent::kWhole};
  NetlinkMessage request(RTM_GETNEIGH, 0);
  request.put_header(ndmsg{});
  const auto error = requests_.dump(request, [&whole](nlmsghdr* message) {
    if (auto neighbour = parse_neighbour(message)) whole.entries.push_back(*neighbour);
  });
  if (error) return std::nullopt;
  return whole;
}

}  // namespace sennit::io
