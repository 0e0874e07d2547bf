#include "io/qdisc_tree.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sennit::io {
namespace {

// RTM_NEWQDISC and a tcmsg of zeros with this in front, as it stands in the journal.
std::string part_beginning_with(const std::string& digits) {
  return "0024" + digits + std::string(40 - digits.size(), '0');
}

TEST(QdiscTree, ReadsWhatItWrote) {
  const auto text = part_beginning_with("01") + "," + part_beginning_with("fe") + "0a0b";
  EXPECT_EQ(QdiscTree::from_text(text).to_text(), text);
  EXPECT_EQ(QdiscTree::from_text(text).owner(), QdiscOwner::kSomebody);
}

TEST(QdiscTree, LeavesOutWhatIsDamagedInItsText) {
  const auto whole = part_beginning_with("01");
  for (const auto& damaged :
       {part_beginning_with("0x"), whole + "0", whole.substr(2), std::string("0024"), std::string()}) {
    EXPECT_EQ(QdiscTree::from_text(whole + "," + damaged + "," + whole).to_text(), whole + "," + whole)
        << damaged;
    EXPECT_EQ(QdiscTree::from_text(damaged).to_text(), "-") << damaged;
    EXPECT_EQ(QdiscTree::from_text(damaged).owner(), QdiscOwner::kKernel) << damaged;
  }
}

}  // namespace
}  // namespace sennit::io
