// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

/// @dev Proof of a leaf, written for clarity level by level, apart from `BatchTree`.
function proveLeaf(bytes32[] memory level, uint256 position) pure returns (bytes32[] memory proof) {
    bytes32[] memory found = new bytes32[](16);
    uint256 steps = 0;
    while (level.length > 1) {
        uint256 sibling = position ^ 1;
        if (sibling < level.length) found[steps++] = level[sibling];
        level = _parents(level);
        position /= 2;
    }
    proof = new bytes32[](steps);
    for (uint256 i = 0; i < steps; ++i) proof[i] = found[i];
}

function _parents(bytes32[] memory level) pure returns (bytes32[] memory parents) {
    parents = new bytes32[]((level.length + 1) / 2);
    for (uint256 i = 0; i < parents.length; ++i) {
        parents[i] =
            2 * i + 1 < level.length
                ? Hashes.commutativeKeccak256(level[2 * i], level[2 * i + 1])
                : level[2 * i];
    }
}
