// Prepares the library before any test of this program runs, as main() does for the product.
#include <gtest/gtest.h>

#include "crypto/keys.hpp"

namespace {

class PreparedLibrary : public testing::Environment {
 public:
  void SetUp() override { sennit::crypto::initialise(); }
};

const auto* const kPreparedLibrary = testing::AddGlobalTestEnvironment(new PreparedLibrary);

TEST(Initialise, MayBeCalledAgain) {
  ASSERT_NE(kPreparedLibrary, nullptr);
  sennit::crypto::initialise();
  std::array<std::uint8_t, 32> first{};
  std::array<std::uint8_t, 32> second{};
  sennit::crypto::random_bytes(first);
  sennit::crypto::random_bytes(second);
  EXPECT_NE(first, second);
}

}  // namespace
