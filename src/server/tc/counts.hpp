// What the kernel has counted in the classes of one interface.
// Read by Tree, for status and to see which classes are empty. Invariant: classes of others are left out.
#pragma once

#include <cstdint>
#include <map>

#include "base/units.hpp"
#include "io/interface.hpp"
#include "io/netlink_socket.hpp"
#include "server/tc/class_ids.hpp"

namespace sennit::server::tc {

// Since the class was made; sizes are those of IP packets.
struct ClassCounts {
  std::uint64_t packets = 0;  // sent, as `bytes`
  base::Bytes bytes;
  std::uint64_t drops = 0;        // by loss, by the limit and by queue management together
  std::uint64_t queue_drops = 0;  // of them, those of a queue inside the leaf
  std::uint64_t marked = 0;
  std::uint64_t queued = 0;
  base::Bytes queued_bytes;
};

// Every class of ours on this interface.
std::map<ClassId, ClassCounts> read_counts(io::NetlinkSocket& socket, io::InterfaceIndex interface);

}  // namespace sennit::server::tc
