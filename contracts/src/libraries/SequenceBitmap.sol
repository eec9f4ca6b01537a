// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title One bit for each receipt number of each node
/// @author Orlop
/// @notice Like OpenZeppelin's `BitMaps`, with a cursor that keeps the word of the last number in memory, so that
/// a batch of neighbouring numbers reads and writes storage once.
library SequenceBitmap {
    /// @notice The bits.
    /// @param words 256 neighbouring numbers of a node, by `wordKey`
    struct Bitmap {
        mapping(uint256 wordKey => uint256 bits) words;
    }

    /// @notice A word held in memory. Must be closed by `flush`.
    /// @param key which word; `NOWHERE` at first
    /// @param bits its content
    /// @param isDirty true if it differs from storage
    struct Cursor {
        uint256 key;
        uint256 bits;
        bool isDirty;
    }

    /// @dev No node has such a key: keys have 88 bits.
    uint256 internal constant NOWHERE = type(uint256).max;

    /// @notice Where 256 neighbouring numbers of a node are kept.
    /// @param nodeId which node
    /// @param word number divided by 256
    /// @return the key
    function wordKey(uint32 nodeId, uint256 word) internal pure returns (uint256) {
        return (uint256(nodeId) << 56) | word;
    }

    /// @notice Whether a number is taken, read from storage.
    /// @param self the bits
    /// @param nodeId which node
    /// @param sequence which number
    /// @return true if so
    function isSet(
        Bitmap storage self,
        uint32 nodeId,
        uint64 sequence
    ) internal view returns (bool) {
        return (self.words[wordKey(nodeId, sequence >> 8)] >> (sequence & 255)) & 1 == 1;
    }

    /// @notice Takes a number, in storage at once.
    /// @param self the bits
    /// @param nodeId which node
    /// @param sequence which number
    function set(Bitmap storage self, uint32 nodeId, uint64 sequence) internal {
        self.words[wordKey(nodeId, sequence >> 8)] |= 1 << (sequence & 255);
    }

    /// @notice Brings the word of a number into the cursor and says whether the number is taken.
    /// @param self the bits
    /// @param cursor moved to the number's word, the word before it written back
    /// @param nodeId which node
    /// @param sequence which number
    /// @return true if it is taken
    function seek(
        Bitmap storage self,
        Cursor memory cursor,
        uint32 nodeId,
        uint64 sequence
    ) internal returns (bool) {
        uint256 key = wordKey(nodeId, sequence >> 8);
        if (key != cursor.key) {
            flush(self, cursor);
            cursor.key = key;
            cursor.bits = self.words[key];
        }
        return (cursor.bits >> (sequence & 255)) & 1 == 1;
    }

    /// @notice Takes a number of the word the cursor is at.
    /// @param cursor placed by `seek` for this number
    /// @param sequence which number
    function mark(Cursor memory cursor, uint64 sequence) internal pure {
        cursor.bits |= 1 << (sequence & 255);
        cursor.isDirty = true;
    }

    /// @notice Writes the cursor's word back.
    /// @param self the bits
    /// @param cursor clean afterwards
    function flush(Bitmap storage self, Cursor memory cursor) internal {
        if (!cursor.isDirty) return;
        self.words[cursor.key] = cursor.bits;
        cursor.isDirty = false;
    }
}
