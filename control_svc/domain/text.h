// Strings of records: immutable, counted, one allocation each, so that copying a record is cheap
// and a million sessions stay small.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <string>
#include <string_view>

namespace weir::control::domain {

// The characters of one string, in one allocation with their count. Immutable; shared by any
// thread, freed by the last.
class Characters : public boost::intrusive_ref_counter<Characters> {
 public:
  // One piece after the other, less than 4 GiB in all; null where that is nothing.
  static boost::intrusive_ptr<const Characters> of(std::span<const std::string_view> pieces);

  std::string_view view() const { return {reinterpret_cast<const char*>(this + 1), size_}; }

  static void operator delete(void* characters) { ::operator delete(characters); }

 private:
  explicit Characters(std::uint32_t size) : size_(size) {}

  const std::uint32_t size_;
};

// One immutable string; 8 bytes when empty. Copy and read from any thread.
class Text {
 public:
  Text() = default;
  explicit Text(std::string_view text) : characters_(Characters::of({&text, 1})) {}

  std::string_view view() const { return characters_ ? characters_->view() : std::string_view(); }
  std::string str() const { return std::string(view()); }
  bool empty() const { return characters_ == nullptr; }
  // Asks memory for the characters, which are to be read or freed soon.
  void fetch() const { __builtin_prefetch(characters_.get(), 1); }

  friend bool operator==(const Text& a, const Text& b) { return a.view() == b.view(); }
  friend bool operator==(const Text& a, std::string_view b) { return a.view() == b; }

 private:
  boost::intrusive_ptr<const Characters> characters_;
};

// What a session says in words.
struct SessionTexts {
  std::string_view stream_id = {};
  std::string_view instance_id = {};
  std::string_view client_address = {};
  std::string_view client_protocol = {};
  std::string_view client_user_agent = {};
  std::string_view client_device = {};
  std::string_view ended_by = {};
  // Told to the client of a kicked session.
  std::string_view message = {};
};

// All words of one session in one block. Fields are cut at 65,535 bytes; callers bound them far
// lower.
class PackedTexts {
 public:
  PackedTexts() = default;
  explicit PackedTexts(const SessionTexts& texts);

  // Asks memory for the block, which is to be read or freed soon.
  void fetch() const { __builtin_prefetch(packed_.get(), 1); }
  // Views into the block; valid as long as this handle or a copy of it lives.
  SessionTexts view() const;
  std::string_view stream_id() const { return field(0); }
  std::string_view instance_id() const { return field(1); }

 private:
  static constexpr std::size_t kFields = 8;
  std::string_view field(std::size_t index) const;

  boost::intrusive_ptr<const Characters> packed_;
};

}  // namespace weir::control::domain
