#include "io/qdisc_tree.hpp"

#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/error.hpp"
#include "base/hex.hpp"
#include "io/netlink_message.hpp"

namespace sennit::io {

namespace {

constexpr std::size_t kTypeBytes = 2;  // in front of a part's payload, in its text
constexpr std::uint32_t kMajor = 0xffff0000U;
constexpr std::uint32_t kIngress = 0xffff0000U;
constexpr std::uint32_t kOurRoot = std::uint32_t{kOurQdisc} << 16U;
constexpr std::size_t kRoom = 65'536;
// What makes a qdisc, class or filter what it is; the rest is statistics.
constexpr std::array kKept{TCA_KIND, TCA_OPTIONS, TCA_CHAIN, TCA_STAB};

tcmsg question(InterfaceIndex interface, std::uint32_t parent) {
  tcmsg header{};
  header.tcm_family = AF_UNSPEC;
  header.tcm_ifindex = interface.value;
  header.tcm_parent = parent;
  return header;
}

std::vector<std::uint8_t> bytes_of(const void* data, std::size_t size) {
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  return {bytes, bytes + size};
}

// The header and the attributes that are kept, padded as they are on the wire.
std::vector<std::uint8_t> payload_of(nlmsghdr* message) {
  auto header = *header_of<tcmsg>(message);
  if (message->nlmsg_type != RTM_NEWTFILTER) header.tcm_info = 0;  // a count of users, or a leaf's handle
  auto payload = bytes_of(&header, sizeof(header));
  nlattr* attribute = nlmsg_attrdata(message, sizeof(tcmsg));
  int left = nlmsg_attrlen(message, sizeof(tcmsg));
  for (; nla_ok(attribute, left) != 0; attribute = nla_next(attribute, &left)) {
    if (std::ranges::find(kKept, nla_type(attribute)) == kKept.end()) continue;
    const auto bytes = bytes_of(attribute, static_cast<std::size_t>(NLA_ALIGN(attribute->nla_len)));
    payload.insert(payload.end(), bytes.begin(), bytes.end());
  }
  return payload;
}

// HTB tells its version with the minor number, and takes it without.
void repair_htb(nlmsghdr* message) {
  nlattr* options = nlmsg_find_attr(message, sizeof(tcmsg), TCA_OPTIONS);
  if (options == nullptr || NetlinkAttributes(message, sizeof(tcmsg)).text(TCA_KIND) != "htb") return;
  nlattr* start = nla_find(static_cast<nlattr*>(nla_data(options)), nla_len(options), TCA_HTB_INIT);
  if (start == nullptr || nla_len(start) < static_cast<int>(sizeof(tc_htb_glob))) return;
  auto* settings = static_cast<tc_htb_glob*>(nla_data(start));
  settings->version = TC_HTB_PROTOVER;
  settings->direct_pkts = 0;
}

// The kinds that have times of CoDel's, and which attributes those are.
struct CodelTimes {
  std::string_view kind;
  std::array<int, 3> attributes;
};
constexpr std::array kCodelTimes{
    CodelTimes{"codel", {TCA_CODEL_TARGET, TCA_CODEL_INTERVAL, TCA_CODEL_CE_THRESHOLD}},
    CodelTimes{"fq_codel", {TCA_FQ_CODEL_TARGET, TCA_FQ_CODEL_INTERVAL, TCA_FQ_CODEL_CE_THRESHOLD}}};

// CoDel's times are kept in 1024 ns and told in us, both rounded down: what is told is taken for a unit less,
// and one us more for what it was.
void repair_codel(nlmsghdr* message) {
  nlattr* options = nlmsg_find_attr(message, sizeof(tcmsg), TCA_OPTIONS);
  const auto kind = NetlinkAttributes(message, sizeof(tcmsg)).text(TCA_KIND);
  const auto known = std::ranges::find(kCodelTimes, kind, &CodelTimes::kind);
  if (options == nullptr || known == kCodelTimes.end()) return;
  for (const int type : known->attributes) {
    nlattr* time = nla_find(static_cast<nlattr*>(nla_data(options)), nla_len(options), type);
    if (time == nullptr || nla_len(time) != static_cast<int>(sizeof(std::uint32_t))) continue;
    const auto more = nla_get_u32(time) + 1;
    std::memcpy(nla_data(time), &more, sizeof(more));
  }
}

std::error_code ask(NetlinkSocket& socket, int type, const tcmsg& header,
                    const std::function<void(nlmsghdr*, const tcmsg&)>& on_entry) {
  NetlinkMessage message(type, 0);
  message.put_header(header);
  return socket.dump(message, [&](nlmsghdr* answer) {
    const auto* entry = header_of<tcmsg>(answer);
    if (entry != nullptr && entry->tcm_ifindex == header.tcm_ifindex) on_entry(answer, *entry);
  });
}

std::error_code send(NetlinkSocket& socket, InterfaceIndex interface, std::uint16_t type,
                     std::vector<std::uint8_t> payload) {
  std::memcpy(payload.data() + offsetof(tcmsg, tcm_ifindex), &interface.value, sizeof(interface.value));
  NetlinkMessage message(type, NLM_F_CREATE | (type == RTM_NEWQDISC ? NLM_F_REPLACE : 0), kRoom);
  message.put_bytes(payload);
  return socket.request(message);
}

void delete_our_root(NetlinkSocket& socket, InterfaceIndex interface) {
  auto header = question(interface, TC_H_ROOT);
  header.tcm_handle = kOurRoot;
  NetlinkMessage message(RTM_DELQDISC, 0);
  message.put_header(header);
  static_cast<void>(socket.request(message));
}

}  // namespace

QdiscTree::QdiscTree(NetlinkSocket& socket, InterfaceIndex interface) {
  read_qdiscs(socket, interface);
  if (owner_ != QdiscOwner::kSomebody) return;
  read_classes(socket, interface);
  const auto qdiscs = parts_;
  for (const auto& part : qdiscs)
    if (part.type == RTM_NEWQDISC) read_filters(socket, interface, part.header().tcm_handle);
}

void QdiscTree::read_qdiscs(NetlinkSocket& socket, InterfaceIndex interface) {
  static_cast<void>(ask(socket, RTM_GETQDISC, question(interface, 0), [&](nlmsghdr* answer, const tcmsg& q) {
    if (q.tcm_parent == TC_H_ROOT) {
      kind_ = NetlinkAttributes(answer, sizeof(tcmsg)).text(TCA_KIND);
      const auto theirs = q.tcm_handle == 0 ? QdiscOwner::kKernel : QdiscOwner::kSomebody;
      owner_ = q.tcm_handle == kOurRoot ? QdiscOwner::kOurs : theirs;
    }
    // Without a handle the kernel made it by itself.
    if (q.tcm_handle == 0 || (q.tcm_handle & kMajor) == kIngress) return;
    repair_htb(answer);
    repair_codel(answer);
    parts_.push_back({RTM_NEWQDISC, payload_of(answer)});
  }));
  if (owner_ != QdiscOwner::kSomebody) parts_.clear();
}

void QdiscTree::read_classes(NetlinkSocket& socket, InterfaceIndex interface) {
  static_cast<void>(
      ask(socket, RTM_GETTCLASS, question(interface, 0), [&](nlmsghdr* answer, const tcmsg& /*entry*/) {
        // Classes of kinds that make them by themselves have no options.
        nlattr* options = nlmsg_find_attr(answer, sizeof(tcmsg), TCA_OPTIONS);
        if (options != nullptr) parts_.push_back({RTM_NEWTCLASS, payload_of(answer)});
      }));
}

void QdiscTree::read_filters(NetlinkSocket& socket, InterfaceIndex interface, std::uint32_t parent) {
  static_cast<void>(
      ask(socket, RTM_GETTFILTER, question(interface, parent), [&](nlmsghdr* answer, const tcmsg& /*entry*/) {
        parts_.push_back({RTM_NEWTFILTER, payload_of(answer)});
      }));
}

bool QdiscTree::stands_on(const Part& part, const Part& other) {
  const auto parent = part.header().tcm_parent;
  const auto handle = other.header().tcm_handle;
  if (other.type == RTM_NEWTFILTER || parent == TC_H_ROOT) return false;
  return handle == parent || (other.type == RTM_NEWQDISC && handle == (parent & kMajor));
}

tcmsg QdiscTree::Part::header() const {
  tcmsg header{};
  std::memcpy(&header, payload.data(), sizeof(header));
  return header;
}

QdiscTree QdiscTree::from_text(std::string_view text) {
  QdiscTree tree;
  while (text.size() > 5) {
    const auto part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    const auto bytes = base::from_hex(part);
    if (!bytes || bytes->size() < kTypeBytes + sizeof(tcmsg)) continue;
    tree.parts_.push_back({static_cast<std::uint16_t>((*bytes)[0] << 8U | (*bytes)[1]),
                           {bytes->begin() + kTypeBytes, bytes->end()}});
  }
  if (!tree.parts_.empty()) tree.owner_ = QdiscOwner::kSomebody;
  return tree;
}

std::string QdiscTree::to_text() const {
  if (parts_.empty()) return "-";
  std::string text;
  for (const auto& part : parts_) {
    if (!text.empty()) text += ',';
    base::append_hex(
        text, std::array{static_cast<std::uint8_t>(part.type >> 8U), static_cast<std::uint8_t>(part.type)});
    base::append_hex(text, part.payload);
  }
  return text;
}

bool QdiscTree::make(NetlinkSocket& socket, InterfaceIndex interface) const {
  // The kernel tells them in no order, and makes an HTB class without its parent a root: each waits for what
  // it stands on.
  auto left = parts_;
  for (auto before = left.size() + 1; !left.empty() && left.size() < before;) {
    before = left.size();
    std::vector<Part> rest;
    for (const auto& part : left) {
      const bool waits = std::ranges::any_of(left, [&](const Part& other) { return stands_on(part, other); });
      if (waits || send(socket, interface, part.type, part.payload)) rest.push_back(part);
    }
    left = std::move(rest);
  }
  return QdiscTree(socket, interface).parts_.size() == parts_.size();
}

bool put_back_qdiscs(const std::string& interface, std::string_view text) {
  const InterfaceIndex index{static_cast<int>(::if_nametoindex(interface.c_str()))};
  if (index.value == 0) return true;  // the interface has gone, and its qdiscs with it
  NetlinkSocket socket;
  const auto owner = QdiscTree(socket, index).owner();
  if (owner == QdiscOwner::kSomebody) return true;  // replaced by somebody meanwhile
  delete_our_root(socket, index);
  return QdiscTree::from_text(text).make(socket, index);
}

}  // namespace sennit::io
