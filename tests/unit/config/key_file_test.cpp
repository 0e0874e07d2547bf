#include "config/key_file.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "base/error.hpp"
#include "config/check.hpp"
#include "unit/config/temporary_folder.hpp"

namespace sennit::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class KeyFile : public TemporaryFolder {
 protected:
  static std::string refusal_of(const std::filesystem::path& file) {
    try {
      read_private_key(file);
    } catch (const base::UsageError& error) {
      return error.what();
    }
    return {};
  }
};

TEST_F(KeyFile, ComesBackAsItWasWritten) {
  crypto::initialise();
  const auto key = crypto::PrivateKey::generate();
  const auto file = folder_ / "new.key";
  write_private_key(file, key);
  struct stat status {};
  ASSERT_EQ(stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  EXPECT_EQ(read_private_key(file).public_key(), key.public_key());
}

TEST_F(KeyFile, IsNeverWrittenOver) {
  crypto::initialise();
  const auto file = write("old.key", "precious");
  try {
    write_private_key(file, crypto::PrivateKey::generate());
    FAIL() << "an existing file was taken";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.what(),
              file.string() + ": exists already, and a key is never overwritten; name another file");
  }
  EXPECT_EQ(std::filesystem::file_size(file), 8U);
}

TEST_F(KeyFile, InAFolderThatIsNotThereNamesTheRemedy) {
  crypto::initialise();
  try {
    write_private_key(folder_ / "none" / "new.key", crypto::PrivateKey::generate());
    FAIL() << "there is no such folder";
  } catch (const base::Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("No such file or directory; name a file in a folder"));
  }
}

TEST_F(KeyFile, IsRefusedWhenOthersHaveAccess) {
  for (const mode_t mode : {0640U, 0604U, 0620U, 0777U}) {
    const auto file = write("open.key", "x", mode);
    EXPECT_EQ(refusal_of(file), file.string() +
                                    ": others than its owner have access to this key; run `chmod 600 " +
                                    file.string() + "`");
  }
}

TEST_F(KeyFile, IsRefusedWithoutAKeyInIt) {
  for (const auto* content : {"", "\n", "hello", "AAAA", "MFUd4TDdVOcqVLDbuTHqRs8ax1MZk0Fc8RD+3mmpC2c= x"}) {
    const auto file = write("bad.key", content);
    EXPECT_EQ(refusal_of(file),
              file.string() + ": holds no key; allowed: one line of 44 characters of base64");
  }
  const auto huge = write("huge.key", std::string(100000, 'A'));
  EXPECT_EQ(refusal_of(huge), huge.string() + ": holds no key; allowed: one line of 44 characters of base64");
}

TEST_F(KeyFile, ThatIsMissingNamesTheRemedy) {
  const auto file = folder_ / "no.key";
  EXPECT_EQ(refusal_of(file),
            file.string() +
                ": cannot read the key: No such file or directory; make one with `sennit keygen -o " +
                file.string() + "`");
  EXPECT_EQ(refusal_of(folder_), folder_.string() + ": is not a regular file");
}

TEST_F(KeyFile, MayHaveSpacesAroundTheKey) {
  EXPECT_EQ(refusal_of(write("ok.key", "  MFUd4TDdVOcqVLDbuTHqRs8ax1MZk0Fc8RD+3mmpC2c=\r\n")), "");
  EXPECT_NO_THROW(read_preshared_key(folder_ / "ok.key"));
}

using CheckFile = KeyFile;

TEST_F(CheckFile, SaysNothingOfAGoodConfiguration) {
  write("g.key", "MFUd4TDdVOcqVLDbuTHqRs8ax1MZk0Fc8RD+3mmpC2c=\n");
  const auto checked = check_file(write("g.toml", "[gateway]\nprivate_key_file='g.key'\n"));
  EXPECT_THAT(checked.problems, IsEmpty());
  EXPECT_THAT(checked.notes, IsEmpty());
}

TEST_F(CheckFile, ReportsFaultyKeyFilesWithTheirLinesAndNotesMissingOnes) {
  const auto file =
      write("c.toml",
            "[client]\nprivate_key_file='open.key'\npreshared_key_file='no.psk'\ngateway='a:1'\n"
            "gateway_public_key='MFUd4TDdVOcqVLDbuTHqRs8ax1MZk0Fc8RD+3mmpC2c='\n"
            "[[link]]\ninterface='eth0'\nsockets=99\n");
  const auto key = write("open.key", "x", 0644).string();
  const auto psk = (folder_ / "no.psk").string();
  const auto checked = check_file(file);
  EXPECT_THAT(checked.problems,
              ElementsAre(file.string() + ":2: client.private_key_file: " + key +
                              ": others than its owner have access to this key; run `chmod 600 " + key + "`",
                          file.string() + ":8: link.sockets: '99' is out of range; allowed: 1 to 32"));
  EXPECT_THAT(checked.notes,
              ElementsAre(file.string() + ":3: client.preshared_key_file: " + psk +
                          " does not exist yet; make one there with `sennit keygen -o " + psk + "`"));
}

TEST_F(CheckFile, ReportsThePresharedKeysOfPeers) {
  write("g.key", "MFUd4TDdVOcqVLDbuTHqRs8ax1MZk0Fc8RD+3mmpC2c=\n");
  write("p.psk", "short");
  const auto file =
      write("g.toml",
            "[gateway]\nprivate_key_file='g.key'\n[[peer]]\nname='a'\n"
            "public_key='MFUd4TDdVOcqVLDbuTHqRs8ax1MZk0Fc8RD+3mmpC2c='\npreshared_key_file='p.psk'\n");
  EXPECT_THAT(check_file(file).problems,
              ElementsAre(file.string() + ":6: peer.preshared_key_file: " + (folder_ / "p.psk").string() +
                          ": holds no key; allowed: one line of 44 characters of base64"));
}

}  // namespace
}  // namespace sennit::config
