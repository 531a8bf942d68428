#include "common/shared_bytes.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace weir {

SharedBytes::Block* SharedBytes::allocate(std::size_t capacity) {
  auto* block = new (::operator new(sizeof(Block) + capacity)) Block;
  block->capacity = capacity;
  return block;
}

void SharedBytes::free(Block* block) {
  block->~Block();
  ::operator delete(block);
}

SharedBytes SharedBytes::copy_of(std::span<const std::uint8_t> bytes) {
  Builder builder;
  builder.reserve(bytes.size());
  builder.append(bytes);
  return builder.take();
}

SharedBytes SharedBytes::copy_of(std::string_view text) {
  return copy_of(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

bool operator==(const SharedBytes& a, const SharedBytes& b) {
  return std::ranges::equal(a.span(), b.span());
}

SharedBytes::Builder::~Builder() {
  if (block_) SharedBytes::free(block_);
}

void SharedBytes::Builder::reserve(std::size_t capacity) {
  if (block_ && block_->capacity >= capacity) return;
  Block* grown = allocate(capacity);
  if (block_) {
    std::memcpy(bytes_of(grown), bytes_of(block_), block_->size);
    grown->size = block_->size;
    SharedBytes::free(block_);
  }
  block_ = grown;
}

void SharedBytes::Builder::append(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return;
  const std::size_t needed = size() + bytes.size();
  if (needed > capacity()) reserve(std::max(needed, 2 * capacity()));
  std::memcpy(bytes_of(block_) + block_->size, bytes.data(), bytes.size());
  block_->size = needed;
}

SharedBytes SharedBytes::Builder::take() { return SharedBytes(std::exchange(block_, nullptr)); }

}  // namespace weir
