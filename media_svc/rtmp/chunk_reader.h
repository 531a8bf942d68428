// Chunks into messages (Adobe RTMP 1.0, section 5.3.1), as peers really write them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>

#include "common/shared_bytes.h"
#include "media_svc/rtmp/chunk_writer.h"
#include "media_svc/rtmp/error.h"
#include "media_svc/rtmp/limits.h"
#include "media_svc/rtmp/message.h"

namespace weir::media::rtmp {

// Puts the messages of one direction of a connection together; any number of them may be partly
// here. Payload goes straight from the input into the message; memory grows with the bytes that
// arrived, never with a declared length. Owned by a link, which acts on SetChunkSize and Abort.
class ChunkReader {
 public:
  explicit ChunkReader(const Limits& limits);

  // Takes bytes off the front of `input` until a message is complete. Nothing: all were taken, the
  // next message is not here yet. After a fault the reader is of no more use.
  Outcome<std::optional<Message>> next(std::span<const std::uint8_t>& input);

  // From the next chunk on. At least 1.
  void set_chunk_size(std::uint32_t bytes) { chunk_size_ = bytes; }
  // Forgets what is here of the message on that chunk stream (section 5.4.2).
  void abort(std::uint32_t chunk_stream);
  void renew_budget() { tiny_chunks_ = 0; }

  // Allocated for messages that are not complete.
  std::size_t partial_bytes() const { return partial_bytes_; }

 private:
  // What the next header on a chunk stream may leave out.
  struct ChunkStream {
    std::uint32_t timestamp = 0;
    // The timestamp or delta as the last header carried it; a fmt 3 header that starts a message
    // adds it again.
    std::uint32_t field = 0;
    std::uint32_t length = 0;
    std::uint32_t stream_id = 0;
    MessageType type{};
    bool extended = false;
    bool partial = false;
    SharedBytes::Builder payload{kRoom};
  };

  // In front of a payload, for the header of its only chunk where it is sent on.
  static constexpr std::uint32_t kRoom = ChunkHeaders::kMostBytes;
  // Three bytes of chunk stream id, eleven of message header, four of extended timestamp.
  static constexpr std::size_t kHeaderBytes = 3 + 11 + 4;

  struct Header {
    std::uint32_t chunk_stream = 0;
    std::uint8_t format = 0;
    std::uint32_t field = 0;
    std::uint32_t length = 0;
    MessageType type{};
    std::uint32_t stream_id = 0;
    bool extended = false;
    std::size_t bytes = 0;
  };

  std::optional<Fault> begin_chunk(std::span<const std::uint8_t>& input);
  std::optional<Header> parse_header(std::span<const std::uint8_t> bytes);
  bool parse_extended(std::span<const std::uint8_t> rest, const ChunkStream* stream,
                      Header& header) const;
  std::optional<Fault> apply(const Header& header);
  void begin_message(const Header& header, ChunkStream& stream);
  std::optional<Fault> take_payload(std::span<const std::uint8_t>& input);
  std::optional<Fault> reserve(ChunkStream& stream, std::size_t more, std::size_t at_hand);
  ChunkStream* find(std::uint32_t chunk_stream);
  void drop_partial(ChunkStream& stream);
  Message finish(ChunkStream& stream);

  Limits limits_;
  // Sparse: a peer may use any of 65,598 ids. Nodes stay where they are.
  std::unordered_map<std::uint32_t, ChunkStream> streams_;
  ChunkStream* latest_ = nullptr;
  std::uint32_t latest_id_ = 0;

  // Of the chunk that is being read; null between chunks.
  ChunkStream* current_ = nullptr;
  std::size_t chunk_left_ = 0;
  std::size_t chunk_bytes_ = 0;

  // Bytes of a header that is not all here; they come before the input.
  std::array<std::uint8_t, kHeaderBytes> carried_;
  std::size_t carried_bytes_ = 0;

  std::uint32_t chunk_size_ = 128;  // section 5.4.1
  std::size_t partial_bytes_ = 0;
  std::uint32_t tiny_chunks_ = 0;
};

}  // namespace weir::media::rtmp
