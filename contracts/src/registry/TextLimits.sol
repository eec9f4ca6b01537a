// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRegistry} from "../interfaces/IRegistry.sol";

/// @title Bounds of what members write into the registry
/// @author Orlop
/// @notice Every text has a bound in bytes, so that nobody can make reading the registry expensive.
library TextLimits {
    uint256 internal constant PEER_ID_BYTES = 64;
    uint256 internal constant ADDRESSES_BYTES = 2048;
    uint256 internal constant REGION_BYTES = 32;
    uint256 internal constant NODE_NAME_BYTES = 64;
    uint256 internal constant CLIENT_NAME_BYTES = 256;
    uint256 internal constant REASON_BYTES = 256;

    /// @notice Reverts with InvalidField unless a profile keeps the bounds.
    /// @param profile what a node says about itself
    function requireValid(IRegistry.NodeProfile calldata profile) internal pure {
        requireLength(profile.peerId.length, 1, PEER_ID_BYTES, "peerId");
        requireLength(bytes(profile.addresses).length, 0, ADDRESSES_BYTES, "addresses");
        requireLength(bytes(profile.region).length, 0, REGION_BYTES, "region");
        requireLength(bytes(profile.name).length, 1, NODE_NAME_BYTES, "name");
    }

    /// @notice Reverts with InvalidField unless a reason keeps its bound.
    /// @param reason for people
    function requireReason(string calldata reason) internal pure {
        requireLength(bytes(reason).length, 0, REASON_BYTES, "reason");
    }

    /// @notice Reverts with InvalidField unless a length is within bounds.
    /// @param length in bytes
    /// @param minimum in bytes
    /// @param maximum in bytes
    /// @param field its name
    function requireLength(
        uint256 length,
        uint256 minimum,
        uint256 maximum,
        string memory field
    ) internal pure {
        if (length < minimum || length > maximum) revert IRegistry.InvalidField(field);
    }
}
