// Gives each test a network namespace of its own, with loopback up; skips aloud where that needs root.
// The namespace in which the tests were started is never touched.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

#include "base/fd.hpp"
#include "io/route_socket.hpp"

namespace sennit::io {

inline InterfaceIndex index_of(const std::string& name) {
  return {static_cast<int>(::if_nametoindex(name.c_str()))};
}

class NamespaceTest : public testing::Test {
 protected:
  // The namespace is entered here, so that members of a test's fixture are made inside it.
  NamespaceTest() : home_(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)) {
    if (home_ && ::unshare(CLONE_NEWNET) < 0) home_ = {};
  }

  ~NamespaceTest() override {
    if (home_ && ::setns(home_.get(), CLONE_NEWNET) < 0) std::abort();
  }

  void SetUp() override {
    if (!home_) GTEST_SKIP() << "needs root: a network namespace of its own";
    LinkSettings up;
    up.up = true;
    ASSERT_FALSE(RouteSocket().configure(index_of("lo"), up));
  }

  // Runs a command that must succeed; returns what it prints.
  static std::string run(const std::string& command) {
    std::string output;
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    std::array<char, 4096> part{};
    while (std::fgets(part.data(), part.size(), pipe) != nullptr) output += part.data();
    EXPECT_EQ(::pclose(pipe), 0) << command << ": " << output;
    return output;
  }

  // Runs `body` in a child that ends without any destructor, as if killed; returns its exit status.
  static int in_killed_child(const std::function<int()>& body) {
    const pid_t child = ::fork();
    if (child == 0) {
      int status = 99;
      try {
        status = body();
      } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
      }
      ::_exit(status);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  base::FileDescriptor home_;
};

// A directory that goes with the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() : path_(testing::TempDir() + "sennit-XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr) std::abort();
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace sennit::io
