// One end of a handshake over standard input and output, for cross_check_noise.py: a line of hexadecimal a
// value, "-" for no pre-shared key. Refuses what is not authentic with exit status 1.
//   initiator  reads prologue, private key, psk, remote key, payload; writes message 1;
//              reads message 2; writes its payload
//   responder  reads prologue, private key, psk, message 1; writes the initiator's key and payload;
//              reads a payload; writes message 2
// Both end with the two keys of Split() and the handshake hash.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>

#include "crypto/keys.hpp"
#include "crypto/noise.hpp"
#include "unit/crypto/hex.hpp"

namespace {

using sennit::crypto::NoiseHandshake;
using sennit::crypto::PresharedKey;
using sennit::crypto::PrivateKey;
using sennit::crypto::PublicKey;
using sennit::crypto::Secret;
using sennit::test::Bytes;
using sennit::test::from_hex;
using sennit::test::to_hex;

std::string read_line() {
  std::string line;
  std::getline(std::cin, line);
  return line;
}

Bytes read_value() {
  return from_hex(read_line());
}

void write_value(sennit::base::ConstByteSpan value) {
  std::cout << to_hex(value) << std::endl;
}

std::optional<PresharedKey> read_psk() {
  const auto line = read_line();
  if (line == "-") return std::nullopt;
  return PresharedKey(Secret(from_hex(line)));
}

void write_result(const NoiseHandshake& handshake) {
  const auto result = handshake.split();
  write_value(result.initiator_to_responder.bytes());
  write_value(result.responder_to_initiator.bytes());
  write_value(result.handshake_hash);
}

bool initiate() {
  const auto prologue = read_value();
  const PrivateKey own{Secret(read_value())};
  const auto psk = read_psk();
  PublicKey remote;
  std::ranges::copy(read_value(), remote.bytes.begin());
  auto handshake = NoiseHandshake::initiator(prologue, own, remote, psk);
  const auto payload = read_value();
  Bytes initiation(payload.size() + NoiseHandshake::kInitiationOverhead);
  if (!handshake.write_initiation(payload, initiation)) return false;
  write_value(initiation);
  const auto response = read_value();
  if (response.size() < NoiseHandshake::kResponseOverhead) return false;
  Bytes answer(response.size() - NoiseHandshake::kResponseOverhead);
  if (!handshake.read_response(response, answer)) return false;
  write_value(answer);
  write_result(handshake);
  return true;
}

bool respond() {
  const auto prologue = read_value();
  const PrivateKey own{Secret(read_value())};
  const auto psk = read_psk();
  auto handshake = NoiseHandshake::responder(
      prologue, own, psk ? NoiseHandshake::Pattern::kIKpsk2 : NoiseHandshake::Pattern::kIK);
  const auto initiation = read_value();
  if (initiation.size() < NoiseHandshake::kInitiationOverhead) return false;
  Bytes asked(initiation.size() - NoiseHandshake::kInitiationOverhead);
  if (!handshake.read_initiation(initiation, asked)) return false;
  write_value(handshake.remote_static().bytes);
  write_value(asked);
  if (psk) handshake.set_preshared_key(*psk);
  const auto payload = read_value();
  Bytes response(payload.size() + NoiseHandshake::kResponseOverhead);
  if (!handshake.write_response(payload, response)) return false;
  write_value(response);
  write_result(handshake);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  sennit::crypto::initialise();
  const std::string role = argc == 2 ? argv[1] : "";
  if (role == "initiator") return initiate() ? EXIT_SUCCESS : EXIT_FAILURE;
  if (role == "responder") return respond() ? EXIT_SUCCESS : EXIT_FAILURE;
  std::cerr << "usage: noise_peer initiator|responder\n";
  return 2;
}
