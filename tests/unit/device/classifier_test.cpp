#include "device/classifier.hpp"

#include <gtest/gtest.h>

#include "unit/device/packets.hpp"

namespace sennit::device {
namespace {

TEST(Classifier, FindsTheDeviceOfTheLongestPrefix) {
  Classifier classifier;
  classifier.add(prefix("0.0.0.0/0"), {0});
  classifier.add(prefix("192.168.1.0/24"), {1});
  classifier.add(prefix("192.168.1.23"), {2});
  classifier.add(prefix("fd00::/64"), {3});
  const struct {
    const char* address;
    std::optional<DeviceId> device;
  } cases[] = {{"192.168.1.23", DeviceId{2}},
               {"192.168.1.24", DeviceId{1}},
               {"192.168.2.1", DeviceId{0}},
               {"fd00::1", DeviceId{3}},
               {"fd01::1", std::nullopt}};
  for (const auto& [text, device] : cases) EXPECT_EQ(classifier.find(address(text)), device) << text;
}

TEST(Classifier, ForgetsARemovedPrefixAndFallsBackToTheShorter) {
  Classifier classifier;
  classifier.add(prefix("10.0.0.0/8"), {1});
  classifier.add(prefix("10.1.0.0/16"), {2});
  classifier.remove(prefix("10.1.0.0/16"));
  classifier.remove(prefix("10.2.0.0/16"));
  EXPECT_EQ(classifier.find(address("10.1.2.3")), DeviceId{1});
  EXPECT_EQ(classifier.owner(prefix("10.1.0.0/16")), std::nullopt);
  EXPECT_EQ(classifier.owner(prefix("10.0.0.0/8")), DeviceId{1});
}

TEST(Classifier, GivesAPrefixToTheDeviceThatCameLast) {
  Classifier classifier;
  classifier.add(prefix("10.0.0.1"), {1});
  classifier.add(prefix("10.0.0.1"), {2});
  EXPECT_EQ(classifier.find(address("10.0.0.1")), DeviceId{2});
}

}  // namespace
}  // namespace sennit::device
