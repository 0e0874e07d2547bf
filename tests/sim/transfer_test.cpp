// The transfers by themselves, without a tunnel: over a plain wire they do what their models do.
#include "sim/transfer.hpp"

#include <gtest/gtest.h>

#include "sim/plain_wire.hpp"

namespace sennit::sim {
namespace {

using namespace std::chrono_literals;

constexpr TransferKind kAllKinds[] = {TransferKind::kCubic, TransferKind::kBbr, TransferKind::kQuic};
const LinkConditions kPlain{.rate = {20'000'000}, .queue = 60ms, .delay = 15ms};

LinkConditions with_loss(double loss) {
  auto conditions = kPlain;
  conditions.loss = loss;
  return conditions;
}

class OnPlainWire {
 public:
  OnPlainWire(TransferKind kind, const LinkConditions& there)
      : wire_(network_, there, {.delay = 15ms}), transfer_(network_, wire_.near(), wire_.far(), 5000, kind) {
    transfer_.start();
    network_.run_for(3s);
    transfer_.reset();
    network_.run_for(20s);
  }

  // Goodput over what the wire can bring the application.
  double share() const {
    const double useful = static_cast<double>(transfer_.payload().value) /
                          (static_cast<double>(transfer_.packet_size().value) + 28.0);
    return static_cast<double>(transfer_.goodput().bits_per_second) / (20e6 * useful);
  }
  Transfer& transfer() { return transfer_; }

 private:
  Network network_{1};
  PlainWire wire_;
  Transfer transfer_;
};

TEST(Transfer, FillsAPlainWire) {
  for (const auto kind : kAllKinds) {
    OnPlainWire run(kind, kPlain);
    EXPECT_GE(run.share(), 0.95) << to_string(kind);
    EXPECT_LE(run.share(), 1.001) << to_string(kind) << ": one segment more or less";
    EXPECT_EQ(run.transfer().sender().in_vain, 0U) << to_string(kind);
    EXPECT_EQ(run.transfer().sender().timeouts, 0U) << to_string(kind);
  }
}

TEST(Transfer, WithBbrStaysUnderLossThatMakesTheOthersCollapse) {
  EXPECT_GE(OnPlainWire(TransferKind::kBbr, with_loss(0.02)).share(), 0.9);
  EXPECT_LE(OnPlainWire(TransferKind::kCubic, with_loss(0.02)).share(), 0.3);
  EXPECT_LE(OnPlainWire(TransferKind::kQuic, with_loss(0.02)).share(), 0.3);
}

TEST(Transfer, RepeatsNothingInVainWhereThereIsLossAlone) {
  for (const auto kind : kAllKinds) {
    OnPlainWire run(kind, with_loss(0.01));
    EXPECT_GT(run.transfer().sender().given_up, 50U) << to_string(kind);
    EXPECT_LE(run.transfer().sender().in_vain, run.transfer().sender().given_up / 100) << to_string(kind);
    EXPECT_EQ(run.transfer().sender().undone, 0U) << to_string(kind);
  }
}

// A few segments 3 ms late: TCP learns to wait, QUIC's fixed threshold of three packets does not.
TEST(Transfer, OverTcpToleratesReorderingThatQuicTakesForLoss) {
  auto reordering = kPlain;
  reordering.reorder = 0.01;
  reordering.reorder_delay = 3ms;
  EXPECT_GE(OnPlainWire(TransferKind::kCubic, reordering).share(), 0.9);
  EXPECT_GE(OnPlainWire(TransferKind::kBbr, reordering).share(), 0.9);
  EXPECT_LE(OnPlainWire(TransferKind::kQuic, reordering).share(), 0.6);
}

TEST(Transfer, KeepsTheQueueShortWhereItIsMarkedUnlessItIsBbr) {
  for (const auto kind : kAllKinds) {
    Network network(1);
    PlainWire wire(network, kPlain, {.delay = 15ms});
    wire.near().mark_above(10ms);
    Transfer transfer(network, wire.near(), wire.far(), 5000, kind);
    Percentiles waits;
    wire.there().record_waits(waits);
    transfer.start();
    network.run_for(20s);
    EXPECT_GE(transfer.goodput().bits_per_second, 16'000'000U) << to_string(kind);
    EXPECT_LE(waits.at(0.5), 12.0) << to_string(kind);
    if (kind == TransferKind::kBbr) continue;
    EXPECT_EQ(transfer.sender().given_up, 0U) << to_string(kind);
    EXPECT_EQ(wire.there().counters().queue_drops, 0U) << to_string(kind);
    EXPECT_GE(transfer.sender().reductions, 10U) << to_string(kind);
    EXPECT_LE(waits.at(0.99), 15.0) << to_string(kind);
  }
}

TEST(Transfer, GoesOnAfterASilence) {
  for (const auto kind : kAllKinds) {
    Network network(1);
    PlainWire wire(network, kPlain, {.delay = 15ms});
    Transfer transfer(network, wire.near(), wire.far(), 5000, kind);
    transfer.start();
    network.run_for(5s);
    wire.there().conditions.is_out = true;
    network.run_for(5s);
    wire.there().conditions.is_out = false;
    network.run_for(10s);
    transfer.reset();
    network.run_for(5s);
    EXPECT_GE(transfer.goodput().bits_per_second, 17'000'000U) << to_string(kind);
    EXPECT_GE(transfer.sender().timeouts, 1U) << to_string(kind);
  }
}

}  // namespace
}  // namespace sennit::sim
