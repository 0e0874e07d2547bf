#include "client/direct_way.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

namespace sennit::client {
namespace {

using namespace std::chrono_literals;

class DirectWayTest : public testing::Test {
 protected:
  void run_for(base::Duration duration) {
    driver_.io_context().restart();
    driver_.io_context().run_for(duration);
  }

  io::Driver driver_;
  int changes_ = 0;
};

TEST_F(DirectWayTest, OpensWhenTheGatewayHasBeenSilentForSoLongAndClosesWhenItAnswers) {
  DirectWay way(driver_, 20ms, [this] { ++changes_; });
  way.note_silent();
  EXPECT_FALSE(way.is_open());
  run_for(60ms);
  EXPECT_TRUE(way.is_open());
  EXPECT_EQ(changes_, 1);
  way.note_answering();
  EXPECT_FALSE(way.is_open());
  EXPECT_EQ(changes_, 2);
}

TEST_F(DirectWayTest, CountsFromTheFirstWordOfSilence) {
  DirectWay way(driver_, 60ms, [this] { ++changes_; });
  way.note_silent();
  run_for(40ms);
  way.note_silent();
  run_for(40ms);
  EXPECT_TRUE(way.is_open());
}

TEST_F(DirectWayTest, StaysClosedWhenTheGatewayAnswersInTime) {
  DirectWay way(driver_, 40ms, [this] { ++changes_; });
  way.note_silent();
  run_for(10ms);
  way.note_answering();
  run_for(60ms);
  EXPECT_FALSE(way.is_open());
  EXPECT_EQ(changes_, 0);
}

TEST_F(DirectWayTest, StaysClosedWhereNobodyWantsIt) {
  DirectWay way(driver_, std::nullopt, [this] { ++changes_; });
  way.note_silent();
  run_for(20ms);
  EXPECT_FALSE(way.is_open());
  EXPECT_EQ(changes_, 0);
}

}  // namespace
}  // namespace sennit::client
