#include "base/fd.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "base/error.hpp"

namespace sennit::base {
namespace {

bool is_open(int fd) {
  return fcntl(fd, F_GETFD) >= 0;
}

int open_null() {
  return check_syscall("open", ::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

TEST(FileDescriptor, ClosesWhatItOwns) {
  const int fd = open_null();
  {
    const FileDescriptor owner(fd);
    EXPECT_TRUE(owner);
    EXPECT_EQ(owner.get(), fd);
  }
  EXPECT_FALSE(is_open(fd));
}

TEST(FileDescriptor, OwnsNothingByDefault) {
  const FileDescriptor none;
  EXPECT_FALSE(none);
  EXPECT_LT(none.get(), 0);
}

TEST(FileDescriptor, MovesItsDescriptor) {
  const int fd = open_null();
  FileDescriptor first(fd);
  const FileDescriptor second(std::move(first));
  EXPECT_FALSE(first);
  EXPECT_EQ(second.get(), fd);
  EXPECT_TRUE(is_open(fd));
}

TEST(FileDescriptor, ClosesItsOldDescriptorWhenGivenANewOne) {
  const int old_fd = open_null();
  const int new_fd = open_null();
  FileDescriptor owner(old_fd);
  owner = FileDescriptor(new_fd);
  EXPECT_FALSE(is_open(old_fd));
  EXPECT_TRUE(is_open(new_fd));
  EXPECT_EQ(owner.get(), new_fd);
}

TEST(FileDescriptor, SurvivesBeingMovedToItself) {
  FileDescriptor owner(open_null());
  auto& same = owner;
  owner = std::move(same);
  EXPECT_TRUE(is_open(owner.get()));
}

TEST(FileDescriptor, GivesItsDescriptorAwayOpen) {
  FileDescriptor owner(open_null());
  const FileDescriptor taker(owner.release());
  EXPECT_FALSE(owner);
  EXPECT_TRUE(is_open(taker.get()));
}

TEST(CheckSyscall, PassesAResultOn) {
  EXPECT_EQ(check_syscall("any", 0), 0);
  EXPECT_EQ(check_syscall("any", 42), 42);
}

TEST(CheckSyscall, ThrowsOneSentenceWithTheCallAndTheReason) {
  try {
    errno = ENOENT;
    check_syscall("open /nowhere", -1);
    FAIL() << "a failed call did not throw";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "open /nowhere: No such file or directory");
  }
}

}  // namespace
}  // namespace sennit::base
