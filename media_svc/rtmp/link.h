// What both sides of a connection do with messages once the handshake is over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "media_svc/rtmp/aggregate.h"
#include "media_svc/rtmp/chunk_reader.h"
#include "media_svc/rtmp/chunk_writer.h"
#include "media_svc/rtmp/error.h"
#include "media_svc/rtmp/limits.h"
#include "media_svc/rtmp/message.h"

namespace weir::media::rtmp {

// Adobe RTMP 1.0, section 7.1.7.
enum class UserControl : std::uint16_t {
  kStreamBegin = 0,
  kStreamEof = 1,
  kPingRequest = 6,
  kPingResponse = 7,
};

// Reads messages and obeys those that control the link itself: chunk size, abort, windows, pings.
// Writes messages into one buffer of output. Owned by a session, which hands on what is left.
class Link {
 public:
  // Acknowledges at least every half of `window` bytes.
  Link(const Limits& limits, std::uint32_t window);

  // Borrows the bytes until all of them were taken.
  void feed(std::span<const std::uint8_t> bytes);
  // What was not taken yet; the handshake reads it directly.
  std::span<const std::uint8_t>& input() { return input_; }
  std::vector<std::uint8_t>& output_buffer() { return output_; }

  // The next message that is not about the link; aggregates come as what is in them. Nothing: all
  // input was taken.
  Outcome<std::optional<Message>> next();
  // Hands messages to `on_message` until that finds an event or a fault. Nothing: all input was
  // taken.
  template <class Event, class OnMessage>
  Outcome<std::optional<Event>> next_event(OnMessage on_message) {
    for (;;) {
      auto message = next();
      if (!message) return message.error();
      if (!*message) return std::nullopt;
      Outcome<std::optional<Event>> event = on_message(std::move(**message));
      if (!event || *event) return event;
    }
  }
  void renew_budget();

  void write(const MessageHeader& header, std::span<const std::uint8_t> payload);
  // Control messages of one number.
  void write(MessageType type, std::uint32_t value);
  void write(UserControl event, std::uint32_t value);
  // Announces it and uses it from the next message on.
  void set_output_chunk_size(std::uint32_t bytes);

  std::span<const std::uint8_t> output() const;
  void consume_output(std::size_t bytes);

 private:
  std::optional<Fault> obey(const Message& message);
  std::optional<Fault> obey_chunk_size(std::span<const std::uint8_t> payload);
  std::optional<Fault> obey_user_control(std::span<const std::uint8_t> payload);
  std::optional<Fault> count(MessageType type);
  std::optional<Fault> count_media();
  void acknowledge();

  Limits limits_;
  ChunkReader reader_;
  std::span<const std::uint8_t> input_;
  Aggregate aggregate_;

  std::vector<std::uint8_t> output_;
  std::size_t output_sent_ = 0;
  std::uint32_t output_chunk_size_ = 128;  // section 5.4.1

  std::uint64_t received_ = 0;
  std::uint64_t acknowledged_ = 0;
  std::uint32_t window_;

  std::uint32_t control_messages_ = 0;
  std::uint32_t media_messages_ = 0;
};

}  // namespace weir::media::rtmp
