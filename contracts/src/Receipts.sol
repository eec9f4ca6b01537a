// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRegistry} from "./interfaces/IRegistry.sol";
import {Keeping} from "./receipts/Keeping.sol";
import {Recording} from "./receipts/Recording.sol";

/// @title Storage records
/// @author Orlop
/// @notice See `IReceipts`.
contract Receipts is Keeping {
    /// @notice Starts empty.
    /// @param registry_ names signers and accounts
    constructor(IRegistry registry_) Recording(registry_) {}
}
