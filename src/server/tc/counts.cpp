#include "server/tc/counts.hpp"

#include <linux/gen_stats.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <optional>

#include "io/netlink_message.hpp"

namespace sennit::server::tc {

namespace {

// A structure in an attribute; older kernels send shorter ones.
template <class Structure>
Structure structure_in(nlattr* attribute) {
  Structure structure{};
  if (attribute == nullptr) return structure;
  const auto length = static_cast<std::size_t>(nla_len(attribute));
  std::memcpy(&structure, nla_data(attribute), std::min(length, sizeof(structure)));
  return structure;
}

class Statistics {
 public:
  explicit Statistics(nlmsghdr* message) : stats_(nlmsg_find_attr(message, sizeof(tcmsg), TCA_STATS2)) {}

  std::uint64_t packets() const {
    // The 64-bit counter is there where the 32-bit one does not suffice.
    if (nlattr* wide = find(TCA_STATS_PKT64); wide != nullptr) return nla_get_u64(wide);
    return structure_in<gnet_stats_basic>(find(TCA_STATS_BASIC)).packets;
  }
  std::uint64_t bytes() const { return structure_in<gnet_stats_basic>(find(TCA_STATS_BASIC)).bytes; }
  gnet_stats_queue queue() const { return structure_in<gnet_stats_queue>(find(TCA_STATS_QUEUE)); }
  std::uint64_t ecn_marks() const {
    const auto app = structure_in<tc_fq_codel_xstats>(find(TCA_STATS_APP));
    return app.type == TCA_FQ_CODEL_XSTATS_QDISC ? app.qdisc_stats.ecn_mark : 0;
  }

 private:
  nlattr* find(int attribute) const {
    return stats_ == nullptr ? nullptr
                             : nla_find(static_cast<nlattr*>(nla_data(stats_)), nla_len(stats_), attribute);
  }

  nlattr* stats_;
};

void dump(io::NetlinkSocket& socket, io::InterfaceIndex interface, int type,
          const std::function<void(const tcmsg&, nlmsghdr*)>& on_entry) {
  io::NetlinkMessage message(type, 0);
  tcmsg header{};
  header.tcm_family = AF_UNSPEC;
  header.tcm_ifindex = interface.value;
  message.put_header(header);
  // A refusal gives no counts.
  static_cast<void>(socket.dump(message, [&](nlmsghdr* answer) {
    const auto* entry = io::header_of<tcmsg>(answer);
    if (entry != nullptr && entry->tcm_ifindex == interface.value) on_entry(*entry, answer);
  }));
}

bool is_ours(std::uint32_t handle) {
  return handle >> 16U == kRootMajor && (handle & 0xffffU) != 0;
}

ClassId minor_of(std::uint32_t handle) {
  return ClassId{static_cast<std::uint16_t>(handle & 0xffffU)};
}

// The class whose leaf has this queue inside; none: it is no such queue.
std::optional<ClassId> class_around(const tcmsg& inner) {
  const auto leaf = inner.tcm_parent >> 16U;
  if (leaf == 0 || leaf > kLastClass || inner.tcm_handle >> 16U != (leaf | kInnerQueues)) return std::nullopt;
  return ClassId{static_cast<std::uint16_t>(leaf)};
}

void count_leaf(ClassCounts& counts, nlmsghdr* answer) {
  const Statistics statistics(answer);
  const auto queue = statistics.queue();
  counts.drops = queue.drops;
  counts.queued = queue.qlen;
  counts.queued_bytes = {queue.backlog};
  const std::string kind = io::NetlinkAttributes(answer, sizeof(tcmsg)).text(TCA_KIND);
  if (kind == "fq_codel") counts.marked = statistics.ecn_marks();
}

}  // namespace

std::map<ClassId, ClassCounts> read_counts(io::NetlinkSocket& socket, io::InterfaceIndex interface) {
  std::map<ClassId, ClassCounts> counts;
  dump(socket, interface, RTM_GETTCLASS, [&](const tcmsg& entry, nlmsghdr* answer) {
    if (!is_ours(entry.tcm_handle)) return;
    auto& one = counts[minor_of(entry.tcm_handle)];
    const Statistics statistics(answer);
    one.packets = statistics.packets();
    one.bytes = {statistics.bytes()};
  });
  dump(socket, interface, RTM_GETQDISC, [&](const tcmsg& entry, nlmsghdr* answer) {
    if (is_ours(entry.tcm_parent)) count_leaf(counts[minor_of(entry.tcm_parent)], answer);
    if (const auto around = class_around(entry))
      counts[*around].queue_drops = Statistics(answer).queue().drops;
  });
  return counts;
}

}  // namespace sennit::server::tc
