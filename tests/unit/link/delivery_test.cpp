#include "link/delivery.hpp"

#include <gtest/gtest.h>

#include "base/rng.hpp"

namespace sennit::link {
namespace {

using namespace std::chrono_literals;

Delivery delivery_of(base::Duration span, std::uint32_t datagrams, std::uint32_t lost) {
  Delivery delivery;
  delivery.span = delivery.send_span = span;
  delivery.sent = {datagrams * 1000U};
  delivery.delivered = {(datagrams - lost) * 1000U};
  delivery.datagrams_sent = datagrams;
  delivery.datagrams_lost = lost;
  return delivery;
}

TEST(DeliveryWindow, KnowsNothingWhenEmpty) {
  const DeliveryWindow window;
  EXPECT_EQ(window.delivery_rate(), base::BitRate{});
  EXPECT_EQ(window.loss(), 0.0);
  EXPECT_EQ(window.span(), 0ms);
}

TEST(DeliveryWindow, TellsRatesAndLossOfWhatItHolds) {
  DeliveryWindow window;
  window.add(delivery_of(50ms, 60, 10), 1s);
  window.add(delivery_of(50ms, 40, 0), 1s);
  EXPECT_EQ(window.delivery_rate(), base::BitRate{90 * 8000 * 10});
  EXPECT_EQ(window.send_rate(), base::BitRate{100 * 8000 * 10});
  EXPECT_DOUBLE_EQ(window.loss(), 0.1);
  EXPECT_EQ(window.datagrams(), 100U);
  EXPECT_EQ(window.lost(), 10U);
}

TEST(DeliveryWindow, TellsWhatCameThroughWhileItLost) {
  DeliveryWindow window;
  window.add(delivery_of(50ms, 60, 0), 1s);
  EXPECT_EQ(window.losing_rate(), base::BitRate{});
  window.add(delivery_of(50ms, 90, 10), 1s);  // with what the bucket held
  EXPECT_EQ(window.losing_rate(), base::BitRate{});
  window.add(delivery_of(50ms, 60, 20), 1s);
  window.add(delivery_of(50ms, 10, 0), 1s);
  window.add(delivery_of(50ms, 80, 20), 1s);
  EXPECT_EQ(window.losing_rate(), base::BitRate{50 * 8000 * 20});
}

TEST(DeliveryWindow, ForgetsTheOldestButAlwaysSpansTheLengthAskedFor) {
  base::Rng rng(5);
  for (const base::Duration length : {20ms, 100ms, 300ms}) {
    DeliveryWindow window;
    base::Duration all{};
    for (int i = 0; i < 500; ++i) {
      const base::Duration span = std::chrono::milliseconds(1 + rng.below(60));
      window.add(delivery_of(span, 10, 1), length);
      all += span;
      ASSERT_GE(window.span(), std::min(all, length));
      ASSERT_LT(window.span(), length + 61ms);
      ASSERT_DOUBLE_EQ(window.loss(), 0.1);
    }
  }
}

TEST(DeliveryWindow, KeepsOneThatIsLongerThanTheLength) {
  DeliveryWindow window;
  window.add(delivery_of(3s, 10, 0), 100ms);
  EXPECT_EQ(window.span(), 3s);
  window.add(delivery_of(200ms, 10, 0), 100ms);
  EXPECT_EQ(window.span(), 200ms);
}

TEST(DeliveryWindow, IsEmptyAgainWhenCleared) {
  DeliveryWindow window;
  window.add(delivery_of(50ms, 60, 10), 1s);
  window.clear();
  EXPECT_EQ(window.span(), 0ms);
  EXPECT_EQ(window.datagrams(), 0U);
}

}  // namespace
}  // namespace sennit::link
