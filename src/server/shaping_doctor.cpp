#include "server/shaping_doctor.hpp"

#include "server/tc/probe.hpp"

namespace sennit::server {

namespace {

using shell::Finding;
using shell::Verdict;

Finding kind(const std::string& name, tc::Support support, const std::string& without,
             const std::string& remedy) {
  if (support == tc::Support::kPresent) return {name, Verdict::kGood, "works", {}};
  return {name, Verdict::kNote, "not there: " + without, remedy};
}

Finding classifier(const tc::Capabilities& found) {
  const std::string name = "tc-classifier";
  if (!found.classifier)
    return {name, Verdict::kNote, "none works: no shaping by tc", "load one with `modprobe cls_fw`"};
  switch (*found.classifier) {
    case tc::Classifier::kFw: return {name, Verdict::kGood, "fw filter on the mark", {}};
    case tc::Classifier::kBpf: return {name, Verdict::kGood, "classic BPF on the mark, instead of fw", {}};
    case tc::Classifier::kPriority: break;
  }
  return {name, Verdict::kGood, "nftables sets the priority, instead of a filter", {}};
}

Finding netem_queue(const tc::Capabilities& found) {
  const std::string name = "tc-netem-queue";
  if (found.netem_queue == tc::NetemQueue::kFifo)
    return {name, Verdict::kGood, "a fifo inside netem, with counts of its own", {}};
  return {name, Verdict::kNote,
          "netem's own limit: with a loss model, status counts the queue's drops as lost",
          "use a kernel of 2025 or later"};
}

}  // namespace

std::vector<Finding> examine_shaping() {
  const auto found = tc::probe_capabilities();
  if (!found) return {{"tc", Verdict::kNote, "cannot be tried", "run `sennit doctor` as root"}};
  std::vector<Finding> findings{
      kind("tc-htb", found->htb, "no shaping by tc", "load it with `modprobe sch_htb`"), classifier(*found),
      kind("tc-netem", found->netem, "tc has rates and queues only",
           "load it with `modprobe sch_netem`, or let the tunnel impair"),
      kind("tc-fq_codel", found->fq_codel, "aqm=fq_codel is refused by tc",
           "load it with `modprobe sch_fq_codel`")};
  if (found->netem == tc::Support::kPresent) findings.push_back(netem_queue(*found));
  return findings;
}

}  // namespace sennit::server
