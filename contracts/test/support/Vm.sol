// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The cheat codes of Hardhat's Solidity tests that ours use
/// @author Orlop
interface Vm {
    function addr(uint256 privateKey) external pure returns (address);
    function sign(
        uint256 privateKey,
        bytes32 digest
    ) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function prank(address sender) external;
    function warp(uint256 timestamp) external;
    function assume(bool condition) external pure;
    function expectRevert(bytes calldata revertData) external;
    function expectRevert(bytes4 selector) external;
}

Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

/// @notice Two values that should be equal are not.
error NotEqual(bytes32 actual, bytes32 expected);
/// @notice Something that should hold does not.
error NotTrue(string what);

function assertEq(uint256 actual, uint256 expected) pure {
    if (actual != expected) revert NotEqual(bytes32(actual), bytes32(expected));
}

function assertEq(bytes32 actual, bytes32 expected) pure {
    if (actual != expected) revert NotEqual(actual, expected);
}

function assertTrue(bool condition, string memory what) pure {
    if (!condition) revert NotTrue(what);
}

/// @dev Brings a fuzzed value into a range, ends included.
function bound(uint256 value, uint256 low, uint256 high) pure returns (uint256) {
    return value < low || value > high ? low + (value % (high - low + 1)) : value;
}

/// @dev A compact signature (EIP-2098) in two words.
function signCompact(uint256 privateKey, bytes32 digest) pure returns (bytes32 r, bytes32 vs) {
    uint8 v;
    bytes32 s;
    (v, r, s) = vm.sign(privateKey, digest);
    vs = s | bytes32(uint256(v - 27) << 255);
}
