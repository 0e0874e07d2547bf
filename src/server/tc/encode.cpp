#include "server/tc/encode.hpp"

#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "impair/match.hpp"

namespace sennit::server::tc {

namespace {

using io::NetlinkMessage;

constexpr std::uint32_t kRoot = std::uint32_t{kRootMajor} << 16U;
constexpr std::uint32_t kQuantum = 1514;
constexpr unsigned kTickShift = 6;  // the kernel's tick is 64 ns
// The largest message: a table of delays and what else netem has.
constexpr std::size_t kRoom = 40'000;

tcmsg header(io::InterfaceIndex interface, std::uint32_t parent, std::uint32_t handle) {
  tcmsg message{};
  message.tcm_family = AF_UNSPEC;
  message.tcm_ifindex = interface.value;
  message.tcm_parent = parent;
  message.tcm_handle = handle;
  return message;
}

std::uint32_t to_u32(std::uint64_t value) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(value, UINT32_MAX));
}

std::uint32_t ticks(base::Duration time) {
  return to_u32(static_cast<std::uint64_t>(time.count()) >> kTickShift);
}

std::uint32_t share(impair::Probability probability) {
  return to_u32(static_cast<std::uint64_t>(std::llround(probability.value * UINT32_MAX)));
}

std::uint64_t bytes_per_second(base::BitRate rate) {
  return rate.bits_per_second / 8;
}

base::Duration time_to_send(base::Bytes amount, base::BitRate rate) {
  const double seconds = static_cast<double>(amount.value) * 8 / static_cast<double>(rate.bits_per_second);
  return std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(std::min(seconds, 3600.0)));
}

tc_ratespec rate_of(const ShapedClass& shape) {
  tc_ratespec rate{};
  rate.rate = to_u32(bytes_per_second(shape.rate));
  rate.overhead = shape.overhead;
  rate.mpu = shape.least;
  rate.linklayer = static_cast<unsigned char>(shape.link_layer);
  return rate;
}

void put_size_table(NetlinkMessage& message, std::uint32_t link_header) {
  if (link_header == 0) return;
  const NetlinkMessage::Nest table(message, TCA_STAB);
  tc_sizespec sizes{};
  sizes.overhead = -static_cast<int>(link_header);
  sizes.linklayer = static_cast<unsigned>(LinkLayer::kEthernet);
  message.put_structure(TCA_STAB_BASE, sizes);
}

// Loads the mark; a mark of ours is the class, any other none.
void put_bpf(NetlinkMessage& message) {
  static constexpr auto kMark = static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_MARK);
  const std::array<sock_filter, 6> program{{{BPF_LD | BPF_W | BPF_ABS, 0, 0, kMark},
                                            {BPF_ALU | BPF_AND | BPF_K, 0, 0, 0xffff0000U},
                                            {BPF_JMP | BPF_JEQ | BPF_K, 0, 2, kRoot},
                                            {BPF_LD | BPF_W | BPF_ABS, 0, 0, kMark},
                                            {BPF_RET | BPF_A, 0, 0, 0},
                                            {BPF_RET | BPF_K, 0, 0, 0}}};
  const NetlinkMessage::Nest options(message, TCA_OPTIONS);
  message.put(TCA_BPF_OPS_LEN, static_cast<std::uint16_t>(program.size()));
  message.put_structure(TCA_BPF_OPS, program);
}

void put_options(NetlinkMessage& message, const ByteFifo& fifo) {
  message.put_structure(TCA_OPTIONS, tc_fifo_qopt{to_u32(fifo.limit.value)});
}

void put_options(NetlinkMessage& message, const PacketFifo& fifo) {
  message.put_structure(TCA_OPTIONS, tc_fifo_qopt{fifo.limit.value});
}

std::uint32_t microseconds(base::Duration time) {
  return to_u32(static_cast<std::uint64_t>(std::chrono::floor<std::chrono::microseconds>(time).count()));
}

void put_options(NetlinkMessage& message, const FqCodel& queue) {
  const NetlinkMessage::Nest options(message, TCA_OPTIONS);
  message.put(TCA_FQ_CODEL_LIMIT, queue.limit.value);
  message.put(TCA_FQ_CODEL_TARGET, microseconds(queue.target));
  message.put(TCA_FQ_CODEL_INTERVAL, microseconds(queue.interval));
  message.put(TCA_FQ_CODEL_ECN, std::uint32_t{queue.marking == impair::Marking::kOn});
}

void put_loss_model(NetlinkMessage& message, const NetemLoss& loss) {
  if (std::holds_alternative<impair::Probability>(loss)) return;
  const NetlinkMessage::Nest model(message, TCA_NETEM_LOSS);
  if (const auto* ge = std::get_if<impair::GilbertElliott>(&loss)) {
    const impair::Probability kept{1 - ge->loss_in_bad.value};
    message.put_structure(NETEM_LOSS_GE,
                          tc_netem_gemodel{share(ge->p), share(ge->r), share(kept), share(ge->loss_in_good)});
  } else if (const auto* states = std::get_if<impair::FourState>(&loss)) {
    message.put_structure(NETEM_LOSS_GI,
                          tc_netem_gimodel{share(states->p13), share(states->p31), share(states->p32),
                                           share(states->p14), share(states->p23)});
  }
}

void put_slots(NetlinkMessage& message, const impair::SlotSettings& settings) {
  tc_netem_slot slot{};
  slot.min_delay = settings.least.count();
  slot.max_delay = settings.most.count();
  slot.max_packets = static_cast<std::int32_t>(std::min<std::uint32_t>(settings.packets, INT32_MAX));
  slot.max_bytes = static_cast<std::int32_t>(std::min<std::uint64_t>(settings.bytes.value, INT32_MAX));
  message.put_structure(TCA_NETEM_SLOT, slot);
}

void put_rate(NetlinkMessage& message, const NetemRate& settings) {
  const auto rate = bytes_per_second(settings.rate);
  message.put_structure(
      TCA_NETEM_RATE, tc_netem_rate{to_u32(rate), settings.overhead, settings.cell, settings.cell_overhead});
  if (rate > UINT32_MAX) message.put(TCA_NETEM_RATE64, rate);
}

tc_netem_qopt fixed_part(const Netem& netem) {
  tc_netem_qopt options{};
  options.latency = ticks(netem.delay);
  options.jitter = ticks(netem.jitter);
  options.limit = netem.limit.value;
  options.gap = netem.reorder_gap;
  options.duplicate = share(netem.duplicate);
  if (const auto* random = std::get_if<impair::Probability>(&netem.loss)) options.loss = share(*random);
  return options;
}

void put_options(NetlinkMessage& message, const Netem& netem) {
  const NetlinkMessage::Nest options(message, TCA_OPTIONS);
  message.put_header(fixed_part(netem));
  message.put(TCA_NETEM_LATENCY64, static_cast<std::uint64_t>(netem.delay.count()));
  message.put(TCA_NETEM_JITTER64, static_cast<std::uint64_t>(netem.jitter.count()));
  message.put_structure(TCA_NETEM_CORR, tc_netem_corr{});
  message.put_structure(TCA_NETEM_REORDER, tc_netem_reorder{share(netem.reorder), 0});
  message.put_structure(TCA_NETEM_CORRUPT, tc_netem_corrupt{share(netem.corrupt), 0});
  put_loss_model(message, netem.loss);
  message.put(TCA_NETEM_ECN, std::uint32_t{netem.loss_marks == impair::Marking::kOn});
  put_rate(message, netem.rate);
  put_slots(message, netem.slot);
  if (netem.table.empty()) return;
  const auto* table = reinterpret_cast<const std::uint8_t*>(netem.table.data());
  message.put(TCA_NETEM_DELAY_DIST, {table, netem.table.size() * sizeof(std::int16_t)});
}

const char* name_of(const ByteFifo& /*queue*/) {
  return "bfifo";
}

const char* name_of(const PacketFifo& /*queue*/) {
  return "pfifo";
}

const char* name_of(const FqCodel& /*queue*/) {
  return "fq_codel";
}

const char* name_of(const Netem& /*netem*/) {
  return "netem";
}

std::uint32_t leaf_handle(ClassId id) {
  return std::uint32_t{id.value} << 16U;
}

NetlinkMessage with_kind(int type, int flags, const tcmsg& header, const std::string& kind) {
  NetlinkMessage message(type, flags, kRoom);
  message.put_header(header);
  message.put(TCA_KIND, kind);
  return message;
}

template <class Qdisc>
NetlinkMessage set_qdisc(const tcmsg& where, const Qdisc& qdisc) {
  return std::visit(
      [&](const auto& plan) {
        auto message = with_kind(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, where, name_of(plan));
        put_options(message, plan);
        return message;
      },
      qdisc);
}

}  // namespace

NetlinkMessage add_root(io::InterfaceIndex interface, std::uint32_t link_header) {
  auto message =
      with_kind(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, header(interface, TC_H_ROOT, kRoot), "htb");
  tc_htb_glob options{};
  options.version = TC_HTB_PROTOVER;
  options.rate2quantum = 10;
  {
    const NetlinkMessage::Nest nest(message, TCA_OPTIONS);
    message.put_structure(TCA_HTB_INIT, options);
  }
  put_size_table(message, link_header);
  return message;
}

NetlinkMessage delete_root(io::InterfaceIndex interface) {
  NetlinkMessage message(RTM_DELQDISC, 0);
  message.put_header(header(interface, TC_H_ROOT, kRoot));
  return message;
}

NetlinkMessage add_filter(io::InterfaceIndex interface, Classifier classifier) {
  auto where = header(interface, kRoot, 0);
  where.tcm_info = TC_H_MAKE(1U << 16U, htons(ETH_P_ALL));
  const bool is_bpf = classifier == Classifier::kBpf;
  auto message = with_kind(RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, where, is_bpf ? "bpf" : "fw");
  if (is_bpf) put_bpf(message);
  return message;
}

NetlinkMessage set_class(io::InterfaceIndex interface, ClassId id, const ShapedClass& shape) {
  auto message = with_kind(RTM_NEWTCLASS, NLM_F_CREATE, header(interface, kRoot, mark_of(id)), "htb");
  tc_htb_opt options{};
  options.rate = rate_of(shape);
  options.ceil = options.rate;
  options.buffer = ticks(time_to_send(shape.burst, shape.rate));
  options.cbuffer = options.buffer;
  options.quantum = kQuantum;
  const auto rate = bytes_per_second(shape.rate);
  const NetlinkMessage::Nest nest(message, TCA_OPTIONS);
  message.put_structure(TCA_HTB_PARMS, options);
  if (rate > UINT32_MAX) {
    message.put(TCA_HTB_RATE64, rate);
    message.put(TCA_HTB_CEIL64, rate);
  }
  return message;
}

NetlinkMessage delete_class(io::InterfaceIndex interface, ClassId id) {
  NetlinkMessage message(RTM_DELTCLASS, 0);
  message.put_header(header(interface, kRoot, mark_of(id)));
  return message;
}

NetlinkMessage set_leaf(io::InterfaceIndex interface, ClassId id, const Leaf& leaf) {
  return set_qdisc(header(interface, mark_of(id), leaf_handle(id)), leaf);
}

NetlinkMessage set_inner_queue(io::InterfaceIndex interface, ClassId id, const Fifo& queue) {
  const auto handle = leaf_handle(id) | std::uint32_t{kInnerQueues} << 16U;
  return set_qdisc(header(interface, leaf_handle(id) | 1U, handle), queue);
}

}  // namespace sennit::server::tc
