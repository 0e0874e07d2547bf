#include "shell/state_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/error.hpp"

namespace sennit::shell {
namespace {

class StateFile : public testing::Test {
 protected:
  StateFile() {
    std::string pattern = testing::TempDir() + "stateXXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~StateFile() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
};

TEST_F(StateFile, ReadsBackWhatWasWrittenLast) {
  write_state_file(folder_ / "file", "first");
  write_state_file(folder_ / "file", "second");
  EXPECT_EQ(read_state_file(folder_ / "file"), "second");
}

TEST_F(StateFile, IsForItsOwnerOnlyAndLeavesNothingBeside) {
  write_state_file(folder_ / "file", "text");
  struct stat status {};
  ASSERT_EQ(::stat((folder_ / "file").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(StateFile, ReadsNothingWhereThereIsNone) {
  EXPECT_FALSE(read_state_file(folder_ / "absent"));
}

TEST_F(StateFile, RefusesAFolderThatDoesNotExist) {
  EXPECT_THROW(write_state_file(folder_ / "absent" / "file", "text"), base::Error);
}

TEST(StateFileName, DiffersByKey) {
  crypto::PublicKey key;
  key.bytes[0] = 0xAB;
  EXPECT_EQ(state_file_name("client", key), "client-ab00000000000000");
}

}  // namespace
}  // namespace sennit::shell
