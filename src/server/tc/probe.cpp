#include "server/tc/probe.hpp"

#include <linux/if_ether.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>

#include <array>
#include <thread>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "io/netlink_socket.hpp"
#include "io/route_socket.hpp"
#include "server/tc/counts.hpp"
#include "server/tc/encode.hpp"

namespace sennit::server::tc {

namespace {

constexpr ClassId kClass{1};
constexpr ClassId kOtherClass{2};
constexpr ShapedClass kQuick{.rate = {1'000'000'000}, .burst = {100'000}};

// A packet of the smallest size takes 23 ms.
constexpr ShapedClass kSlow{.rate = {10'000}, .burst = {1}};

// The loopback of the namespace that the calling thread has entered.
class Bench {
 public:
  Bench() : loopback_{static_cast<int>(::if_nametoindex("lo"))} {
    io::LinkSettings up;
    up.up = true;
    static_cast<void>(io::RouteSocket().configure(loopback_, up));
  }

  bool accepts(const io::NetlinkMessage& message) { return !netlink_.request(message); }

  bool has_htb() {
    return accepts(add_root(loopback_, ETH_HLEN)) && accepts(set_class(loopback_, kClass, kQuick));
  }

  // Packets get to the class of their mark, and none without a mark.
  bool classifies(Classifier classifier) {
    const bool is_there = classifier == Classifier::kPriority || accepts(add_filter(loopback_, classifier));
    if (!is_there || !accepts(set_class(loopback_, kOtherClass, kQuick))) return false;
    const int option = classifier == Classifier::kPriority ? SO_PRIORITY : SO_MARK;
    send(option, 0);
    send(option, mark_of(kClass));
    return sent(kClass) == 1 && sent(kOtherClass) == 0;
  }

  // Whether a class of its own takes this leaf.
  bool takes(ClassId id, const Leaf& leaf) {
    return accepts(set_class(loopback_, id, kQuick)) && accepts(set_leaf(loopback_, id, leaf));
  }

  // A packet is lost where all are to be lost.
  bool has_netem() {
    const bool is_there = takes(kClass, Netem{.limit = {10}, .loss = impair::Probability{1}});
    if (is_there) send(SO_PRIORITY, mark_of(kClass));
    return is_there && read_counts(netlink_, loopback_)[kClass].drops == 1;
  }

  // What waits in a fifo inside netem comes out, and what does not fit there is counted there: kernels before
  // 2025 forget it, until another packet comes.
  bool has_inner_queue() {
    const Netem netem{.limit = {10}};
    const PacketFifo queue{{2}};
    const bool is_there = accepts(set_class(loopback_, kClass, kSlow)) &&
                          accepts(set_leaf(loopback_, kClass, netem)) &&
                          accepts(set_inner_queue(loopback_, kClass, queue));
    // The first leaves, two fit, one does not.
    for (int packet = 0; is_there && packet < 4; ++packet) send(SO_PRIORITY, mark_of(kClass));
    for (int step = 0; is_there && step < 100 && sent(kClass) < 3; ++step)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return is_there && sent(kClass) == 3 && read_counts(netlink_, loopback_)[kClass].queue_drops == 1;
  }

  bool has_fq_codel() {
    const base::Duration target = std::chrono::milliseconds(5);
    return takes(kOtherClass, FqCodel{{10}, target, 20 * target, impair::Marking::kOn});
  }

  void clear() { static_cast<void>(accepts(delete_root(loopback_))); }

 private:
  std::uint64_t sent(ClassId id) { return read_counts(netlink_, loopback_)[id].packets; }

  static void send(int option, std::uint32_t value) {
    const base::FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ::setsockopt(socket.get(), SOL_SOCKET, option, &value, sizeof(value));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(9);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::sendto(socket.get(), "", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof(to));
  }

  io::InterfaceIndex loopback_;
  io::NetlinkSocket netlink_;
};

Support support(bool is_there) {
  return is_there ? Support::kPresent : Support::kAbsent;
}

// Each on a root of its own.
template <class Question>
bool ask(const Question& question) {
  Bench bench;
  const bool answer = bench.has_htb() && question(bench);
  bench.clear();
  return answer;
}

Capabilities examine() {
  Capabilities found;
  found.htb = support(ask([](Bench&) { return true; }));
  found.netem = support(ask([](Bench& bench) { return bench.has_netem(); }));
  if (found.netem == Support::kPresent && ask([](Bench& bench) { return bench.has_inner_queue(); }))
    found.netem_queue = NetemQueue::kFifo;
  found.fq_codel = support(ask([](Bench& bench) { return bench.has_fq_codel(); }));
  for (const auto classifier : {Classifier::kFw, Classifier::kBpf, Classifier::kPriority}) {
    if (!ask([&](Bench& bench) { return bench.classifies(classifier); })) continue;
    found.classifier = classifier;
    break;
  }
  return found;
}

}  // namespace

std::optional<Capabilities> probe_capabilities() {
  std::optional<Capabilities> found;
  std::thread([&found] {
    if (::unshare(CLONE_NEWNET) < 0) return;
    try {
      found = examine();
    } catch (const base::Error&) {
      return;
    }
  }).join();
  return found;
}

}  // namespace sennit::server::tc
