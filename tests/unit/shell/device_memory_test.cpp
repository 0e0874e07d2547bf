// What an idle device costs, counted by the allocator: over 10,000 of them, with both directions set.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cstddef>
#include <string>

#include "config/impair_text.hpp"
#include "device/table.hpp"
#include "shell/device_book.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SENNIT_COUNTS_BY_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SENNIT_COUNTS_BY_SANITIZER
#endif
#endif
#ifdef __SANITIZE_THREAD__
#define SENNIT_ROUNDS_ALLOCATIONS
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SENNIT_ROUNDS_ALLOCATIONS
#endif
#endif
#ifdef SENNIT_COUNTS_BY_SANITIZER
// Of sanitizer/allocator_interface.h, which gcc's package leaves out.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();  // NOLINT(*reserved-identifier)
#endif

namespace sennit::shell {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kDevices = 10'000;

std::size_t allocated() {
#ifdef SENNIT_COUNTS_BY_SANITIZER
  return __sanitizer_get_current_allocated_bytes();
#else
  const auto known = mallinfo2();
  return known.uordblks + known.hblkhd;
#endif
}

std::string name_of(std::size_t device) {
  return "10.1." + std::to_string(device / 250) + "." + std::to_string(device % 250);
}

TEST(DeviceMemory, IsAtMost4KiBForAnIdleDeviceWithRateDelayAndLossBothWays) {
  const auto settings = *config::parse_impairment("rate=20mbit delay=20ms loss=1%", config::read_file);
  const base::WallTime now{500'000h};
  base::DropCounters drops;
  device::Table table(device::Side::kBeyond, 1, drops);
  DeviceBook book({}, {});
  const auto before = allocated();
  for (std::size_t i = 0; i < kDevices; ++i) {
    const auto plan = book.plan(name_of(i), {{}, settings, settings}, 1h, now);
    book.set(plan);
    const auto& match = plan.device.matches.front();
    table.add({match, {std::get<base::Prefix>(match)}});
    for (const auto direction : device::kDirections)
      table.impair(match, direction, settings, base::Instant(1h));
  }
#ifdef SENNIT_ROUNDS_ALLOCATIONS
  GTEST_SKIP() << "the thread sanitizer counts what it rounds sizes up to, not what was asked for";
#endif
  const auto each = (allocated() - before) / kDevices;
  RecordProperty("bytes_a_device", std::to_string(each));
  EXPECT_GT(each, 2 * sizeof(impair::Chain)) << "the allocator is not heard";
  EXPECT_LE(each, 4096U);
}

TEST(DeviceMemory, TheNextExpiryAmongManyIsTheEarliestAndGoesWithItsDevice) {
  const auto settings = *config::parse_impairment("delay=20ms", config::read_file);
  const base::WallTime now{500'000h};
  DeviceBook book({}, {});
  const auto set = [&](std::size_t device, base::Duration duration) {
    book.set(book.plan(name_of(device), {{}, settings, {}}, duration, now));
  };
  for (std::size_t i = 0; i < 1000; ++i) set(i, 1h + i * 1s);
  EXPECT_EQ(book.next_expiry(), now + 1h);
  set(0, 2h);
  EXPECT_EQ(book.next_expiry(), now + 1h + 1s) << "a later time takes the place of the earlier";
  book.clear(name_of(1));
  EXPECT_EQ(book.next_expiry(), now + 1h + 2s);
  EXPECT_EQ(book.expire(now + 1h + 99s).size(), 98U);
  EXPECT_EQ(book.next_expiry(), now + 1h + 100s);
  book.clear_all();
  EXPECT_EQ(book.next_expiry(), std::nullopt);
}

}  // namespace
}  // namespace sennit::shell
