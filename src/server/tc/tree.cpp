#include "server/tc/tree.hpp"

#include <linux/if_ether.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "io/qdisc_tree.hpp"
#include "server/tc/encode.hpp"

namespace sennit::server::tc {

namespace {

constexpr base::Duration kLongestDrain = std::chrono::minutes(1);

io::InterfaceIndex index_of(const std::string& interface) {
  const io::InterfaceIndex index{static_cast<int>(::if_nametoindex(interface.c_str()))};
  if (index.value != 0) return index;
  throw base::Error("there is no interface '" + interface + "'; `ip link` lists those that are there");
}

// Bytes in front of the IP packet that the kernel counts too.
std::uint32_t link_header_size(const std::string& interface) {
  const base::FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  interface.copy(static_cast<char*>(request.ifr_name), IFNAMSIZ - 1);
  const bool is_known = ::ioctl(socket.get(), SIOCGIFHWADDR, &request) == 0;
  return is_known && request.ifr_hwaddr.sa_family == ARPHRD_ETHER ? ETH_HLEN : 0;
}

}  // namespace

Tree::Tree(io::Journal& journal, const std::string& interface, Classifier classifier, ForeignRoot foreign)
    : journal_(journal),
      interface_(interface),
      classifier_(classifier),
      foreign_(foreign),
      index_(index_of(interface)) {
  take_root();
}

void Tree::take_root() {
  const io::QdiscTree before(socket_, index_);
  if (before.owner() == io::QdiscOwner::kOurs)
    throw base::Error("sennit shapes " + interface_ + " already; stop it, or start with its --state");
  if (before.owner() == io::QdiscOwner::kSomebody && foreign_ == ForeignRoot::kRefuse)
    throw base::Error("somebody configured the qdisc " + before.kind() + " on " + interface_ +
                      "; delete it, or let it be replaced until the end with --take-over");
  change_ = journal_.record_qdiscs(interface_, before.to_text());
  try {
    require(add_root(index_, link_header_size(interface_)), "an HTB root");
    if (classifier_ != Classifier::kPriority)
      require(add_filter(index_, classifier_), "a filter on the mark");
  } catch (const base::Error&) {
    journal_.undo(*change_);
    change_.reset();
    throw;
  }
}

bool Tree::is_there() const {
  return !io::name_of(index_).empty();
}

InterfaceFate Tree::follow() {
  const auto name = io::name_of(index_);
  if (name == interface_) return InterfaceFate::kSame;
  if (!name.empty()) {
    interface_ = name;
    if (change_) change_ = journal_.rename(*change_, name);
    return InterfaceFate::kRenamed;
  }
  const io::InterfaceIndex index{static_cast<int>(::if_nametoindex(interface_.c_str()))};
  if (index.value == 0) return InterfaceFate::kSame;
  make_again(index);
  return InterfaceFate::kMadeAgain;
}

void Tree::make_again(io::InterfaceIndex index) {
  // What was put back at the end belonged to an interface that is no more.
  if (change_) journal_.forget(*change_);
  change_.reset();
  index_ = index;
  try {
    take_root();
    for (const auto& [id, plan] : plans_) make(id, plan);
  } catch (const base::Error&) {
    index_ = {};  // to be tried again
    throw;
  }
}

Tree::~Tree() {
  if (change_) journal_.undo(*change_);
}

void Tree::require(const io::NetlinkMessage& message, const std::string& what) {
  const auto error = socket_.request(message);
  if (!error) return;
  throw base::Error("the kernel refuses " + what + " on " + interface_ + ": " + error.message() +
                    "; `sennit doctor` shows what it can do");
}

ClassId Tree::add(const LanePlan& plan) {
  const auto id = ids_.acquire();
  if (!id) throw base::Error("no more devices fit on " + interface_ + "; clear some");
  plans_.insert_or_assign(*id, plan);
  if (!is_there()) return *id;
  try {
    make(*id, plan);
  } catch (const base::Error&) {
    remove(*id);
    throw;
  }
  return *id;
}

void Tree::make(ClassId id, const LanePlan& plan) {
  require(set_class(index_, id, plan.shape), "an HTB class");
  set_leaf_and_queue(id, plan.leaf);
}

void Tree::set_leaf_and_queue(ClassId id, const Leaf& leaf) {
  require(set_leaf(index_, id, leaf), "the qdisc of a class");
  const auto* netem = std::get_if<Netem>(&leaf);
  if (netem != nullptr && netem->queue)
    require(set_inner_queue(index_, id, *netem->queue), "a queue inside netem");
}

bool Tree::can_change(ClassId id, const LanePlan& plan) const {
  const auto known = plans_.find(id);
  return known != plans_.end() && are_of_one_kind(known->second.leaf, plan.leaf);
}

void Tree::change(ClassId id, const LanePlan& plan) {
  if (is_there()) {
    // The leaf first: it has more that can be refused.
    set_leaf_and_queue(id, plan.leaf);
    require(set_class(index_, id, plan.shape), "a change of a class");
  }
  plans_.insert_or_assign(id, plan);
}

void Tree::remove(ClassId id) {
  // A refusal means that it has gone with its interface.
  static_cast<void>(socket_.request(delete_class(index_, id)));
  plans_.erase(id);
  ids_.release(id);
}

void Tree::retire(ClassId id, base::Instant now) {
  retired_.push_back({id, now});
}

void Tree::sweep(base::Instant now) {
  if (retired_.empty()) return;
  const auto counted = counts();
  std::erase_if(retired_, [&](const Retired& one) {
    const auto found = counted.find(one.id);
    const bool is_empty = found == counted.end() || found->second.queued == 0;
    if (!is_empty && now - one.at < kLongestDrain) return false;
    remove(one.id);
    return true;
  });
}

}  // namespace sennit::server::tc
