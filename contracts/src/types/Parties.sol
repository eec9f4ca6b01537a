// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Who a commit is between, in one word: nodeId in the lowest 32 bits, clientId in the next 32, then zeros.
type Parties is uint256;

using PartiesFields for Parties global;

/// @title Fields of `Parties`
/// @author Orlop
/// @notice Getters named after the fields of `IReceipts.Commit`.
library PartiesFields {
    /// @notice Who stores.
    /// @param self the packed word
    /// @return the field
    function clientId(Parties self) internal pure returns (uint32) {
        return uint32(Parties.unwrap(self) >> 32);
    }

    /// @notice Who holds.
    /// @param self the packed word
    /// @return the field
    function nodeId(Parties self) internal pure returns (uint32) {
        return uint32(Parties.unwrap(self));
    }

    /// @notice Whether no bit beyond the fields is set.
    /// @param self the packed word
    /// @return true if so
    function isWellFormed(Parties self) internal pure returns (bool) {
        return Parties.unwrap(self) >> 64 == 0;
    }
}
