// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title Compact signatures (EIP-2098)
/// @author Orlop
/// @notice 64 bytes: r, then s with the parity of y in its highest bit. High s is refused, so each message has one
/// valid signature of its form.
library CompactSignature {
    /// @notice Whether a signature over a digest is by a key.
    /// @param digest EIP-712 digest
    /// @param r first half
    /// @param vs second half
    /// @param expected address of the key; zero never matches
    /// @return true if so
    function isBy(
        bytes32 digest,
        bytes32 r,
        bytes32 vs,
        address expected
    ) internal pure returns (bool) {
        (address signer, , ) = ECDSA.tryRecover(digest, r, vs);
        return signer == expected && expected != address(0);
    }

    /// @notice Whether a signature over a digest is by a key.
    /// @param digest EIP-712 digest
    /// @param signature of 64 bytes; any other length never matches
    /// @param expected address of the key; zero never matches
    /// @return true if so
    function isBy(
        bytes32 digest,
        bytes calldata signature,
        address expected
    ) internal pure returns (bool) {
        if (signature.length != 64) return false;
        return isBy(digest, bytes32(signature[:32]), bytes32(signature[32:]), expected);
    }
}
