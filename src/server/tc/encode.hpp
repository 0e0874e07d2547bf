// What is to stand in the kernel, as netlink messages: root, filter, classes, leaves. The attributes are the
// kernel's own (linux/pkt_sched.h, linux/pkt_cls.h).
// Between plans and the netlink socket that `Side` sends them through; sends nothing.
// Invariant: a leaf's message has every attribute that the kernel would else keep from before.
#pragma once

#include "io/interface.hpp"
#include "io/netlink_message.hpp"
#include "server/tc/classifier.hpp"
#include "server/tc/lane_plan.hpp"

namespace sennit::server::tc {

// The root of a side, in place of what the kernel put there by itself. `link_header` bytes of each packet are
// not counted.
io::NetlinkMessage add_root(io::InterfaceIndex interface, std::uint32_t link_header);
io::NetlinkMessage delete_root(io::InterfaceIndex interface);
// The filter under the root; not for kPriority, which has none.
io::NetlinkMessage add_filter(io::InterfaceIndex interface, Classifier classifier);
// Makes a class, or changes it.
io::NetlinkMessage set_class(io::InterfaceIndex interface, ClassId id, const ShapedClass& shape);
io::NetlinkMessage delete_class(io::InterfaceIndex interface, ClassId id);
// Makes the leaf of a class, or changes one of the same kind.
io::NetlinkMessage set_leaf(io::InterfaceIndex interface, ClassId id, const Leaf& leaf);
// Likewise of the queue inside a leaf that is netem.
io::NetlinkMessage set_inner_queue(io::InterfaceIndex interface, ClassId id, const Fifo& queue);

}  // namespace sennit::server::tc
