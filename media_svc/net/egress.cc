#include "media_svc/net/egress.h"

#include <algorithm>

namespace weir::media::net {
namespace {

iovec piece(std::span<const std::uint8_t> bytes) {
  return {.iov_base = const_cast<std::uint8_t*>(bytes.data()), .iov_len = bytes.size()};
}

}  // namespace

Egress::Outcome Egress::write(Transport& transport, rtmp::ServerSession& session,
                              Gathering& gathering) {
  const std::span<const std::uint8_t> output = session.output();
  const std::size_t rest = rest_.size() - rest_sent_;
  std::size_t first = Gathering::kHead;
  if (!output.empty()) gathering.pieces_[--first] = piece(output);
  if (rest > 0) gathering.pieces_[--first] = piece(rest_.span().subspan(rest_sent_));

  const std::size_t offered = rest + output.size() + gathering.bytes();
  if (offered == 0 && !transport.has_unsent()) return {.frames = gathering.frames()};
  const std::size_t offered_pieces = Gathering::kHead + gathering.piece_count_ - first;
  const IoResult result = transport.write({&gathering.pieces_[first], offered_pieces});
  if (result.state != IoState::kDone && result.state != IoState::kAgain) {
    return {.failure = result.state};
  }

  Outcome outcome{.bytes = result.bytes,
                  .blocked = result.bytes < offered || transport.has_unsent()};
  std::size_t left = result.bytes;

  const std::size_t of_rest = std::min(left, rest);
  rest_sent_ += of_rest;
  left -= of_rest;
  if (rest_sent_ == rest_.size()) {
    rest_ = {};
    rest_sent_ = 0;
  }

  const std::size_t of_output = std::min(left, output.size());
  left -= of_output;
  if (of_output > 0) session.consume_output(of_output);

  std::size_t pieces = 0;
  while (left > 0) {
    const SharedBytes& source = *gathering.sources_[pieces++];
    if (left < source.size()) {
      rest_ = source;
      rest_sent_ = left;
    }
    left -= std::min(left, source.size());
  }
  outcome.frames = gathering.frames_done(pieces);
  return outcome;
}

}  // namespace weir::media::net
