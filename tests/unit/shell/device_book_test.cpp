#include "shell/device_book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "config/impair_text.hpp"

namespace sennit::shell {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr base::WallTime kNow{std::chrono::hours(500'000)};

impair::Settings settings(std::string_view text) {
  return *config::parse_impairment(text, config::read_file);
}

config::DeviceChange down(std::string_view text) {
  return {{}, settings(text), {}};
}

std::string text(const std::optional<impair::Settings>& direction) {
  return direction ? config::to_text(*direction) : "none";
}

config::DeviceChange up(std::string_view text) {
  return {{}, {}, settings(text)};
}

config::DeviceOptions phone(const std::string& options) {
  config::DeviceOptions device;
  device.name = "phone";
  device.matches = *config::parse_match("192.168.1.23");
  device.down = options;
  return device;
}

class Book : public testing::Test {
 protected:
  Device set(const std::string& name, const config::DeviceChange& change,
             std::optional<base::Duration> duration = {}, base::WallTime now = kNow) {
    book_.set(book_.plan(name, change, duration, now));
    return book_.find(name);
  }
  std::string refusal(const std::string& name, const config::DeviceChange& change) {
    try {
      book_.plan(name, change, {}, kNow);
    } catch (const base::UsageError& error) {
      return error.what();
    }
    return "nothing was refused";
  }
  std::vector<StoredDevice> stored(const DeviceBook& book) {
    std::vector<StoredDevice> all;
    for (const auto& device : book.all())
      if (const auto one = book.stored(device)) all.push_back(*one);
    return all;
  }

  DeviceBook book_{{phone("delay=10ms")}, {}};
};

TEST_F(Book, KnowsADeviceByNameAndByMatch) {
  EXPECT_EQ(text(book_.find("phone").down), "delay=10ms");
  EXPECT_EQ(book_.find("192.168.1.23").name, "phone");
  EXPECT_EQ(set("10.0.0.0/8", down("loss=1%")).name, "10.0.0.0/8");
  EXPECT_EQ(book_.all().size(), 2U);
}

TEST_F(Book, ReplacesTheDirectionThatIsNamedWholeAndLeavesTheOther) {
  set("phone", {{}, {}, settings("loss=1%")});
  EXPECT_EQ(text(book_.find("phone").down), "delay=10ms");
  set("phone", down("rate=1mbit"));
  EXPECT_EQ(text(book_.find("phone").down), "rate=1mbit");
  EXPECT_EQ(text(book_.find("phone").up), "loss=1%");
  set("phone", {"3g-average", {}, {}});
  EXPECT_EQ(book_.find("phone").profile, "3g-average") << "by the name that it was given";
  EXPECT_EQ(text(book_.find("phone").up), "rate=330kbit delay=100ms");
  set("phone", down("rate=1mbit"));
  EXPECT_EQ(book_.find("phone").profile, "");
}

TEST_F(Book, RefusesUnknownNamesAndProfilesAndChangesNothing) {
  EXPECT_THAT(refusal("phon", down("loss=1%")), HasSubstr("'phon' is not a device; did you mean 'phone'?"));
  EXPECT_THAT(refusal("192.168.1.300", down("loss=1%")),
              HasSubstr("'192.168.1.300' is not an address or network"));
  EXPECT_THAT(refusal("192.168.1.1/24", down("loss=1%")), HasSubstr("has bits set behind its length"));
  EXPECT_THAT(refusal("phone", {"3g-averag", {}, {}}), HasSubstr("'3g-averag' is not a profile"));
  EXPECT_THROW(book_.find("10.0.0.1"), base::UsageError);
  EXPECT_THROW(book_.clear("phon"), base::UsageError);
  EXPECT_EQ(book_.all().size(), 1U);
  EXPECT_EQ(text(book_.find("phone").down), "delay=10ms");
}

TEST_F(Book, ClearsADeviceAndForgetsItWhereTheFileDoesNotNameIt) {
  set("10.0.0.1", down("loss=1%"));
  EXPECT_EQ(book_.clear("10.0.0.1").size(), 1U);
  EXPECT_TRUE(book_.clear("10.0.0.1").empty());
  EXPECT_EQ(book_.clear_all().size(), 1U);
  EXPECT_EQ(text(book_.find("phone").down), "none");
  EXPECT_EQ(book_.all().size(), 1U);
}

TEST_F(Book, GoesBackToTheFileWhenTheTimeIsOver) {
  set("phone", down("loss=5%"), 10s);
  set("10.0.0.1", down("loss=5%"), 20s);
  EXPECT_EQ(book_.next_expiry(), kNow + 10s);
  EXPECT_TRUE(book_.expire(kNow + 10s - 1ns).empty());
  ASSERT_EQ(book_.expire(kNow + 10s).size(), 1U);
  EXPECT_EQ(text(book_.find("phone").down), "delay=10ms");
  EXPECT_EQ(text(book_.expire(kNow + 20s).front().device.down), "none");
  EXPECT_FALSE(book_.knows(config::parse_match("10.0.0.1")->front()));
  EXPECT_EQ(book_.next_expiry(), std::nullopt);
}

TEST_F(Book, LastsWithoutAnEndWhereItIsSetAnewWithoutOne) {
  set("phone", down("loss=5%"), 10s);
  set("phone", down("loss=6%"));
  EXPECT_EQ(book_.next_expiry(), std::nullopt);
}

TEST_F(Book, EndsTheDirectionThatWasSetForAWhileAndLeavesTheOther) {
  set("10.0.0.1", up("delay=7ms"));
  EXPECT_EQ(set("10.0.0.1", down("delay=5ms"), 2s).expires, kNow + 2s);
  const auto ended = book_.expire(kNow + 2s);
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended.front().directions, std::vector{device::Direction::kDown});
  EXPECT_EQ(text(book_.find("10.0.0.1").down), "none");
  EXPECT_EQ(text(book_.find("10.0.0.1").up), "delay=7ms");
}

TEST_F(Book, EndsADirectionInItsTimeWhenTheOtherIsSetWithoutAnEnd) {
  set("10.0.0.1", up("delay=7ms"), 2s);
  EXPECT_EQ(set("10.0.0.1", down("delay=5ms")).expires, kNow + 2s);
  book_.expire(kNow + 2s);
  EXPECT_EQ(text(book_.find("10.0.0.1").down), "delay=5ms");
  EXPECT_EQ(text(book_.find("10.0.0.1").up), "none");
}

TEST_F(Book, HasWhatHeldBeforeWhenAProfileForAWhileIsOver) {
  set("10.0.0.1", {"atc-3g-average", {}, {}});
  EXPECT_EQ(set("10.0.0.1", {"atc-dsl", {}, {}}, 1s).profile, "atc-dsl");
  EXPECT_EQ(set("10.0.0.1", down("loss=1%"), 2s).profile, "");
  book_.expire(kNow + 1s);
  EXPECT_EQ(text(book_.find("10.0.0.1").up), "rate=330kbit delay=100ms");
  book_.expire(kNow + 2s);
  EXPECT_EQ(book_.find("10.0.0.1").profile, "atc-3g-average");
}

TEST_F(Book, ReplacesWhatIsSetForAWhileAndKeepsWhatLasts) {
  set("10.0.0.1", down("delay=1ms"));
  set("10.0.0.1", down("delay=2ms"), 10s);
  set("10.0.0.1", down("delay=3ms"), 20s);
  EXPECT_TRUE(book_.expire(kNow + 10s).empty());
  EXPECT_EQ(text(book_.find("10.0.0.1").down), "delay=3ms");
  book_.expire(kNow + 20s);
  EXPECT_EQ(text(book_.find("10.0.0.1").down), "delay=1ms");
}

TEST_F(Book, MovesADeviceForAWhileAndBack) {
  config::DeviceChange move;
  move.backend = config::Shaping::kTunnel;
  set("10.0.0.1", down("delay=1ms"));
  EXPECT_EQ(set("10.0.0.1", move, 1s).backend, config::Shaping::kTunnel);
  const auto ended = book_.expire(kNow + 1s);
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended.front().device.backend, std::nullopt);
  EXPECT_EQ(text(ended.front().device.down), "delay=1ms");
}

TEST_F(Book, KnowsAfterARestartWhatLastsAndWhatDoesNot) {
  set("10.0.0.1", {"atc-3g-average", {}, {}});
  set("10.0.0.1", {"atc-dsl", {}, {}}, 10s);
  set("10.0.0.1", down("loss=1%"), 20s);
  set("phone", up("delay=1ms"), 10s);
  DeviceBook next({phone("delay=10ms")}, {});
  EXPECT_THAT(next.restore(stored(book_), kNow + 5s), testing::IsEmpty());
  EXPECT_EQ(stored(next), stored(book_));
  EXPECT_EQ(next.find("10.0.0.1").expires, kNow + 10s);
  next.expire(kNow + 20s);
  EXPECT_EQ(next.find("10.0.0.1").profile, "atc-3g-average");
  EXPECT_EQ(text(next.find("phone").up), "none");
  EXPECT_THAT(stored(next), testing::SizeIs(1)) << "of the phone the file says it all";
}

TEST_F(Book, EndsWhatAnEarlierVersionSetForAWhileAsAWhole) {
  const std::vector<StoredDevice> old{{"10.0.0.1", "", "loss=1%", "delay=1ms", kNow + 10s, ""},
                                      {"192.168.1.23", "", "loss=1%", "-", kNow + 10s, "delay=10ms / -"}};
  EXPECT_THAT(book_.restore(old, kNow), testing::IsEmpty());
  EXPECT_EQ(text(book_.find("10.0.0.1").up), "delay=1ms");
  EXPECT_EQ(book_.find("10.0.0.1").expires, kNow + 10s);
  EXPECT_EQ(text(book_.find("phone").down), "loss=1%");
  book_.expire(kNow + 10s);
  EXPECT_FALSE(book_.knows(config::parse_match("10.0.0.1")->front()));
  EXPECT_EQ(text(book_.find("phone").down), "delay=10ms");
}

TEST_F(Book, MovesADeviceToAnotherBackEndAndLeavesItsSettingsAndTheirEnd) {
  set("192.168.1.99", down("rate=1mbit"), 90s);
  config::DeviceChange move;
  move.backend = config::Shaping::kTunnel;
  const auto moved = set("192.168.1.99", move);
  EXPECT_EQ(moved.backend, config::Shaping::kTunnel);
  EXPECT_EQ(text(moved.down), "rate=1mbit");
  EXPECT_EQ(moved.expires, kNow + 90s);
  EXPECT_EQ(set("192.168.1.99", down("rate=2mbit")).backend, config::Shaping::kTunnel) << "it stays there";
  const auto stored = book_.stored(book_.find("192.168.1.99"));
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->backend, "tunnel");
  DeviceBook next({}, {});
  EXPECT_THAT(next.restore({*stored}, kNow), testing::IsEmpty());
  EXPECT_EQ(next.find("192.168.1.99").backend, config::Shaping::kTunnel);
}

TEST_F(Book, IsTheSameAfterARestart) {
  set("phone", down("rate=1mbit delay=20ms loss=1%"), 100s);
  set("10.0.0.0/8", {"3g-average", {}, {}});
  set("default", down(""));
  DeviceBook next({phone("delay=10ms")}, {});
  EXPECT_TRUE(next.restore(stored(book_), kNow + 50s).empty());
  EXPECT_EQ(text(next.find("phone").down), "rate=1mbit delay=20ms loss=1%");
  EXPECT_EQ(next.find("phone").expires, kNow + 100s);
  EXPECT_EQ(next.find("10.0.0.0/8").profile, "3g-average");
  EXPECT_EQ(text(next.find("default").down), "");
  EXPECT_EQ(stored(next), stored(book_));
}

TEST_F(Book, ForgetsWhatExpiredWhileNothingRan) {
  set("phone", down("loss=5%"), 10s);
  DeviceBook next({phone("delay=10ms")}, {});
  next.restore(stored(book_), kNow + 11s);
  EXPECT_EQ(text(next.find("phone").down), "delay=10ms");
  EXPECT_TRUE(stored(next).empty());
}

TEST_F(Book, HasTheSameEntryWhateverNameTheFileHasForItsProfile) {
  auto by_short_name = phone("");
  by_short_name.down.reset();
  by_short_name.profile = "3g-average";
  auto by_full_name = by_short_name;
  by_full_name.profile = "atc-3g-average";
  DeviceBook book({by_short_name}, {});
  EXPECT_EQ(book.find("phone").profile, "3g-average");
  book.clear("phone");
  DeviceBook next({by_full_name}, {});
  next.restore(stored(book), kNow);
  EXPECT_EQ(text(next.find("phone").down), "none");
}

TEST_F(Book, RemembersThatAConfiguredDeviceWasClearedUntilItsEntryChanges) {
  book_.clear("phone");
  DeviceBook same({phone("delay=10ms")}, {});
  same.restore(stored(book_), kNow);
  EXPECT_EQ(text(same.find("phone").down), "none");
  DeviceBook changed({phone("delay=20ms")}, {});
  changed.restore(stored(book_), kNow);
  EXPECT_EQ(text(changed.find("phone").down), "delay=20ms");
}

TEST_F(Book, SaysWhatCanNoLongerBeDoneAfterARestart) {
  const auto refusals = book_.restore({{"10.0.0.1", "gone-profile", "-", "-", {}, ""}}, kNow);
  ASSERT_EQ(refusals.size(), 1U);
  EXPECT_THAT(refusals.front(),
              HasSubstr("device 10.0.0.1 is no longer as it was set: profile: 'gone-profile'"));
  EXPECT_FALSE(book_.knows(config::parse_match("10.0.0.1")->front()));
}

TEST_F(Book, KnowsADeviceByItsMacAddressHoweverItIsWritten) {
  EXPECT_EQ(set("02-00-00-AB-00-01", down("delay=5ms")).name, "02:00:00:ab:00:01");
  EXPECT_EQ(text(set("02:00:00:AB:00:01", down("delay=6ms")).down), "delay=6ms");
  ASSERT_EQ(stored(book_).size(), 1U);
  EXPECT_EQ(stored(book_).front().match, "02:00:00:ab:00:01");
  DeviceBook next({}, {});
  EXPECT_TRUE(next.restore(stored(book_), kNow).empty());
  EXPECT_EQ(text(next.find("02:00:00:ab:00:01").down), "delay=6ms");
  EXPECT_THAT(refusal("ff:ff:ff:ff:ff:ff", down("delay=5ms")), HasSubstr("is the MAC address of a group"));
}

}  // namespace
}  // namespace sennit::shell
