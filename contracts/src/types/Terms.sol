// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The numbers of a commit in one word, from the lowest bit:
/// flags 8, level 8, m 8, k 8, index 8, classCode 16, sequence 64, expiry 64, streamBytes 64, then 8 zero bits.
type Terms is uint256;

using TermsFields for Terms global;

/// @title Fields of `Terms`
/// @author Orlop
/// @notice Getters named after the fields of `IReceipts.Commit`.
library TermsFields {
    /// @notice Length of the whole sealed stream.
    /// @param self the packed word
    /// @return the field
    function streamBytes(Terms self) internal pure returns (uint64) {
        return uint64(Terms.unwrap(self) >> 184);
    }

    /// @notice Unix seconds until which the strip is kept.
    /// @param self the packed word
    /// @return the field
    function expiry(Terms self) internal pure returns (uint64) {
        return uint64(Terms.unwrap(self) >> 120);
    }

    /// @notice The node's receipt number.
    /// @param self the packed word
    /// @return the field
    function sequence(Terms self) internal pure returns (uint64) {
        return uint64(Terms.unwrap(self) >> 56);
    }

    /// @notice What the data is.
    /// @param self the packed word
    /// @return the field
    function classCode(Terms self) internal pure returns (uint16) {
        return uint16(Terms.unwrap(self) >> 40);
    }

    /// @notice Number of the strip.
    /// @param self the packed word
    /// @return the field
    function index(Terms self) internal pure returns (uint8) {
        return uint8(Terms.unwrap(self) >> 32);
    }

    /// @notice Data strips.
    /// @param self the packed word
    /// @return the field
    function k(Terms self) internal pure returns (uint8) {
        return uint8(Terms.unwrap(self) >> 24);
    }

    /// @notice Parity strips.
    /// @param self the packed word
    /// @return the field
    function m(Terms self) internal pure returns (uint8) {
        return uint8(Terms.unwrap(self) >> 16);
    }

    /// @notice How many locks.
    /// @param self the packed word
    /// @return the field
    function level(Terms self) internal pure returns (uint8) {
        return uint8(Terms.unwrap(self) >> 8);
    }

    /// @notice Bit 0: the steward may move this strip.
    /// @param self the packed word
    /// @return the field
    function flags(Terms self) internal pure returns (uint8) {
        return uint8(Terms.unwrap(self));
    }

    /// @notice Whether the word holds what a commit may say: no bit beyond the fields, at least one data strip, at most
    /// 255 strips (255 stands for "every strip" elsewhere), and an index among them.
    /// @param self the packed word
    /// @return true if so
    function isWellFormed(Terms self) internal pure returns (bool) {
        uint256 strips = uint256(self.k()) + self.m();
        return
            Terms.unwrap(self) >> 248 == 0 &&
            self.k() != 0 &&
            strips <= 255 &&
            self.index() < strips;
    }
}
