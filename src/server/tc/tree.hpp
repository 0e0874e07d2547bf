// The tree of one interface: its root, and a class with a leaf for each lane.
// Owner of all that stands at the interface's egress; the journal gives back what was there before, at the
// end or after a crash. Knows nothing of devices and marks: `Shaper` joins them.
// Invariant: a class that is in use is never without a leaf of the plan's kind, and a change drops nothing.
// Reasons: docs/shaping.md, "Changes" and "Whose it is".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "io/journal.hpp"
#include "io/netlink_socket.hpp"
#include "server/tc/class_ids.hpp"
#include "server/tc/classifier.hpp"
#include "server/tc/counts.hpp"
#include "server/tc/lane_plan.hpp"

namespace sennit::io {
class NetlinkMessage;
}

namespace sennit::server::tc {

// What to do with a root qdisc that somebody configured.
enum class ForeignRoot : std::uint8_t {
  kRefuse,
  kTakeOver,  // and put it back at the end
};

// What has become of an interface.
enum class InterfaceFate : std::uint8_t {
  kSame,
  kRenamed,    // and has its tree
  kMadeAgain,  // after it was deleted, and so has its tree
};

class Tree {
 public:
  // Throws base::Error where the kernel refuses or somebody's root is there. `journal` outlives it.
  Tree(io::Journal& journal, const std::string& interface, Classifier classifier, ForeignRoot foreign);
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  ~Tree();

  // Sees to it that the tree goes on where the interface was renamed, or deleted and is there again; then the
  // classes are the same, and empty. Throws as the constructor.
  InterfaceFate follow();

  // A new class for this plan; it waits for follow() while there is no interface. Throws base::Error where
  // the kernel refuses, and then has made none.
  ClassId add(const LanePlan& plan);
  // Whether change() can make this class follow the plan.
  bool can_change(ClassId id, const LanePlan& plan) const;
  // Makes the class follow the plan from now on; what is in it stays.
  void change(ClassId id, const LanePlan& plan);
  // Deletes a class that nothing has been sent to.
  void remove(ClassId id);
  // Nothing is sent to this class any more: it goes when it is empty.
  void retire(ClassId id, base::Instant now);
  // Deletes retired classes that are empty, or have had time enough.
  void sweep(base::Instant now);
  bool has_retired() const { return !retired_.empty(); }

  std::map<ClassId, ClassCounts> counts() { return read_counts(socket_, index_); }
  const std::string& interface() const { return interface_; }
  io::InterfaceIndex index() const { return index_; }

 private:
  struct Retired {
    ClassId id;
    base::Instant at;
  };

  void take_root();
  void make_again(io::InterfaceIndex index);
  void make(ClassId id, const LanePlan& plan);
  void set_leaf_and_queue(ClassId id, const Leaf& leaf);
  bool is_there() const;
  void require(const io::NetlinkMessage& message, const std::string& what);

  io::Journal& journal_;
  std::string interface_;
  Classifier classifier_;
  ForeignRoot foreign_;
  io::InterfaceIndex index_;  // of the interface that has the tree
  io::NetlinkSocket socket_;
  std::optional<io::Change> change_;  // none: the tree could not be made again
  ClassIds ids_;
  std::map<ClassId, LanePlan> plans_;  // of the classes that are there
  std::vector<Retired> retired_;
};

}  // namespace sennit::server::tc
