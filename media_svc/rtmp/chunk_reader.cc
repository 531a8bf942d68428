#include "media_svc/rtmp/chunk_reader.h"

#include <algorithm>
#include <cstring>

#include "media_svc/rtmp/byte_order.h"

namespace weir::media::rtmp {
namespace {

// In a 24-bit timestamp field: the value is in the four bytes behind the header (section 5.3.1.3).
constexpr std::uint32_t kExtended = 0xFFFFFF;
constexpr std::size_t kExtendedBytes = 4;
// Bytes of message header behind the chunk stream id, by fmt (section 5.3.1.2).
constexpr std::array<std::size_t, 4> kMessageHeaderBytes = {11, 7, 3, 0};
// Peers cut into 128 bytes and more; smaller pieces of a longer message cost more than they bring.
constexpr std::size_t kTinyChunk = 64;
// How far the first allocation of a message may run ahead of its bytes, if at least as many bytes
// are in the input: most messages are then allocated once.
constexpr std::size_t kReadAhead = 16u << 10;

struct BasicHeader {
  std::uint32_t chunk_stream = 0;
  std::size_t bytes = 0;
};

// Section 5.3.1.1. Nothing: more bytes are needed.
std::optional<BasicHeader> parse_basic_header(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return std::nullopt;
  const std::uint32_t id = bytes[0] & 0x3F;
  if (id >= 2) return BasicHeader{id, 1};
  if (bytes.size() < 2 + id) return std::nullopt;
  if (id == 0) return BasicHeader{64u + bytes[1], 2};
  return BasicHeader{64u + bytes[1] + (std::uint32_t{bytes[2]} << 8), 3};
}

}  // namespace

ChunkReader::ChunkReader(const Limits& limits) : limits_(limits) {}

Outcome<std::optional<Message>> ChunkReader::next(std::span<const std::uint8_t>& input) {
  for (;;) {
    if (!current_) {
      if (input.empty() && carried_bytes_ == 0) return std::optional<Message>();
      if (auto fault = begin_chunk(input)) return std::move(*fault);
      if (!current_) return std::optional<Message>();
    }
    if (auto fault = take_payload(input)) return std::move(*fault);
    if (chunk_left_ > 0) return std::optional<Message>();

    ChunkStream& stream = *std::exchange(current_, nullptr);
    if (stream.payload.size() == stream.length) return std::optional(finish(stream));
    if (chunk_bytes_ < kTinyChunk && ++tiny_chunks_ > limits_.tiny_chunks) {
      return Fault{Error::kTinyChunks, "messages are cut into tiny chunks"};
    }
  }
}

void ChunkReader::abort(std::uint32_t chunk_stream) {
  if (ChunkStream* stream = find(chunk_stream)) drop_partial(*stream);
}

// Reads a header; `current_` stays null if it is not all here.
std::optional<Fault> ChunkReader::begin_chunk(std::span<const std::uint8_t>& input) {
  if (carried_bytes_ == 0) {
    if (const auto header = parse_header(input)) {
      input = input.subspan(header->bytes);
      return apply(*header);
    }
    std::ranges::copy(input, carried_.begin());
    carried_bytes_ = input.size();
    input = {};
    return std::nullopt;
  }

  const std::size_t borrowed = std::min(kHeaderBytes - carried_bytes_, input.size());
  std::ranges::copy(input.first(borrowed), carried_.begin() + carried_bytes_);
  const auto header = parse_header(std::span(carried_).first(carried_bytes_ + borrowed));
  if (!header) {
    carried_bytes_ += borrowed;
    input = input.subspan(borrowed);
    return std::nullopt;
  }
  if (header->bytes >= carried_bytes_) {
    input = input.subspan(header->bytes - carried_bytes_);
    carried_bytes_ = 0;
  } else {
    // Bytes that could have been an extended timestamp were payload.
    carried_bytes_ -= header->bytes;
    std::memmove(carried_.data(), carried_.data() + header->bytes, carried_bytes_);
  }
  return apply(*header);
}

std::optional<ChunkReader::Header> ChunkReader::parse_header(std::span<const std::uint8_t> bytes) {
  const auto basic = parse_basic_header(bytes);
  if (!basic) return std::nullopt;
  const auto format = static_cast<std::uint8_t>(bytes[0] >> 6);
  const auto rest = bytes.subspan(basic->bytes);
  if (rest.size() < kMessageHeaderBytes[format]) return std::nullopt;

  Header header;
  header.chunk_stream = basic->chunk_stream;
  header.format = format;
  const ChunkStream* stream = find(basic->chunk_stream);
  if (stream) {
    header.field = stream->field;
    header.length = stream->length;
    header.type = stream->type;
    header.stream_id = stream->stream_id;
    header.extended = stream->extended;
  }
  if (format <= 2) {
    header.field = load_u24(rest.data());
    header.extended = header.field == kExtended;
  }
  if (format <= 1) {
    header.length = load_u24(rest.data() + 3);
    header.type = static_cast<MessageType>(rest[6]);
  }
  if (format == 0) header.stream_id = load_u32_little(rest.data() + 7);
  header.bytes = basic->bytes + kMessageHeaderBytes[format];
  if (header.extended && !parse_extended(bytes.subspan(header.bytes), stream, header)) {
    return std::nullopt;
  }
  return header;
}

// A chunk that goes on with a message repeats the extended timestamp (section 5.3.1.3), or not:
// OBS up to 30.0 and rtmpdump leave it out. Only bytes that equal the current value are taken for
// it. False: more bytes are needed to say so.
bool ChunkReader::parse_extended(std::span<const std::uint8_t> rest, const ChunkStream* stream,
                                 Header& header) const {
  const bool may_be_left_out = header.format == 3 && stream && stream->partial;
  if (may_be_left_out) {
    std::uint8_t current[kExtendedBytes];
    store_u32(current, stream->field);
    const std::size_t known = std::min(rest.size(), kExtendedBytes);
    if (!std::equal(current, current + known, rest.begin())) return true;
  }
  if (rest.size() < kExtendedBytes) return false;
  header.field = load_u32(rest.data());
  header.bytes += kExtendedBytes;
  return true;
}

std::optional<Fault> ChunkReader::apply(const Header& header) {
  ChunkStream* stream = find(header.chunk_stream);
  if (!stream) {
    if (streams_.size() == limits_.chunk_streams) {
      return Fault{Error::kChunkStreams, "too many chunk streams"};
    }
    stream = &streams_[header.chunk_stream];
    latest_ = stream;
    latest_id_ = header.chunk_stream;
  }
  // A header of another message where the rest of one is due: the sender gave the old one up. The
  // same header again only goes on.
  if (stream->partial && (header.length != stream->length || header.type != stream->type)) {
    drop_partial(*stream);
  }
  if (!stream->partial) {
    if (header.length > limits_.message_bytes) {
      return Fault{Error::kMessageTooLarge, "message is declared too large"};
    }
    begin_message(header, *stream);
  }
  current_ = stream;
  chunk_bytes_ = std::min<std::size_t>(chunk_size_, stream->length - stream->payload.size());
  chunk_left_ = chunk_bytes_;
  return std::nullopt;
}

void ChunkReader::begin_message(const Header& header, ChunkStream& stream) {
  stream.partial = true;
  stream.field = header.field;
  stream.length = header.length;
  stream.type = header.type;
  stream.stream_id = header.stream_id;
  stream.extended = header.extended;
  // A fmt 3 header behind a full one adds that one's timestamp once more (section 5.3.1.2.4);
  // ffmpeg writes such.
  stream.timestamp = header.format == 0 ? header.field : stream.timestamp + header.field;
}

std::optional<Fault> ChunkReader::take_payload(std::span<const std::uint8_t>& input) {
  while (chunk_left_ > 0) {
    const auto source =
        carried_bytes_ > 0 ? std::span<const std::uint8_t>(carried_).first(carried_bytes_) : input;
    if (source.empty()) break;
    const auto piece = source.first(std::min(chunk_left_, source.size()));
    if (auto fault = reserve(*current_, piece.size(), source.size())) return fault;
    current_->payload.append(piece);
    chunk_left_ -= piece.size();
    if (carried_bytes_ > 0) {
      carried_bytes_ -= piece.size();
      std::memmove(carried_.data(), carried_.data() + piece.size(), carried_bytes_);
    } else {
      input = input.subspan(piece.size());
    }
  }
  return std::nullopt;
}

// Room for `more` bytes. Doubles, so that a message is copied few times; runs ahead of what has
// arrived only by what is `at_hand`.
std::optional<Fault> ChunkReader::reserve(ChunkStream& stream, std::size_t more,
                                          std::size_t at_hand) {
  const std::size_t needed = stream.payload.size() + more;
  const std::size_t before = stream.payload.capacity();
  if (needed <= before) return std::nullopt;
  const std::size_t ahead = stream.payload.size() + std::min(at_hand, kReadAhead);
  const std::size_t wanted =
      std::min<std::size_t>(stream.length, std::max({needed, ahead, 2 * before}));
  if (partial_bytes_ + (wanted - before) > limits_.partial_bytes) {
    return Fault{Error::kPartialBytes, "too many bytes in messages that are not complete"};
  }
  stream.payload.reserve(wanted);
  partial_bytes_ += wanted - before;
  return std::nullopt;
}

ChunkReader::ChunkStream* ChunkReader::find(std::uint32_t chunk_stream) {
  if (latest_ && latest_id_ == chunk_stream) return latest_;
  const auto found = streams_.find(chunk_stream);
  if (found == streams_.end()) return nullptr;
  latest_ = &found->second;
  latest_id_ = chunk_stream;
  return latest_;
}

void ChunkReader::drop_partial(ChunkStream& stream) {
  if (current_ == &stream) current_ = nullptr;
  partial_bytes_ -= stream.payload.capacity();
  stream.payload = SharedBytes::Builder(kRoom);
  stream.partial = false;
}

Message ChunkReader::finish(ChunkStream& stream) {
  partial_bytes_ -= stream.payload.capacity();
  stream.partial = false;
  return {stream.type, stream.timestamp, stream.stream_id, stream.payload.take()};
}

}  // namespace weir::media::rtmp
