// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IRegistry} from "../interfaces/IRegistry.sol";
import {CompactSignature} from "../libraries/CompactSignature.sol";
import {Stewarded} from "./Stewarded.sol";
import {TextLimits} from "./TextLimits.sol";

/// @title The registry's half about clients
/// @author Orlop
/// @notice See `IRegistry`.
abstract contract ClientRegistry is Stewarded {
    using CompactSignature for bytes32;

    bytes32 private constant REGISTER_TYPE_HASH = keccak256(
        "RegisterClient(address signer,address recovery,bytes32 openingKey,uint32 imoNumber,string name)"
    );
    bytes32 private constant ROTATE_TYPE_HASH = keccak256(
        "RotateSigner(uint32 clientId,address newSigner,bytes32 newOpeningKey,uint64 nonce)"
    );
    /// @dev 1 critical, 2 important, 3 routine; 0 unset.
    uint8 private constant LOWEST_IMPORTANCE = 3;

    /// @inheritdoc IRegistry
    uint32 public clientCount;

    mapping(uint32 clientId => Client client) private _clients;
    /// @dev Signers of now and before: a key is never used for a second client.
    mapping(address signer => uint32 clientId) private _everSignerOf;

    /// @inheritdoc IRegistry
    function registerClient(
        RegisterClient calldata message,
        bytes calldata signature
    ) external returns (uint32 clientId) {
        _requireValid(message);
        if (!_hashTypedDataV4(_hash(message)).isBy(signature, message.signer)) {
            revert BadSignature(message.signer);
        }
        clientId = ++clientCount;
        _claimSigner(message.signer, clientId);
        Client storage entry = _clients[clientId];
        entry.signer = message.signer;
        entry.state = ClientState.Pending;
        entry.imoNumber = message.imoNumber;
        entry.recovery = message.recovery;
        entry.openingKey = message.openingKey;
        entry.name = message.name;
        emit ClientRegistered(
            clientId,
            message.signer,
            message.recovery,
            message.openingKey,
            message.imoNumber,
            message.name
        );
        if (isSteward(msg.sender)) _setClientState(entry, clientId, ClientState.Admitted, "");
    }

    /// @inheritdoc IRegistry
    function rotateSigner(RotateSigner calldata message, bytes calldata signature) external {
        Client storage entry = _existingClient(message.clientId);
        if (message.nonce != entry.nonce) {
            revert WrongNonce(message.clientId, entry.nonce, message.nonce);
        }
        if (message.newSigner == address(0) || message.newSigner == entry.recovery) {
            revert InvalidField("newSigner");
        }
        if (message.newOpeningKey == 0) revert InvalidField("newOpeningKey");
        bytes32 structHash = keccak256(abi.encode(ROTATE_TYPE_HASH, message));
        if (!_hashTypedDataV4(structHash).isBy(signature, entry.recovery)) {
            revert BadSignature(entry.recovery);
        }
        _claimSigner(message.newSigner, message.clientId);
        address oldSigner = entry.signer;
        entry.signer = message.newSigner;
        entry.openingKey = message.newOpeningKey;
        ++entry.nonce;
        emit SignerRotated(
            message.clientId,
            oldSigner,
            message.newSigner,
            message.newOpeningKey,
            message.nonce
        );
    }

    /// @inheritdoc IRegistry
    function admitClient(
        uint32 clientId,
        uint8 minimumImportance,
        string calldata reason
    ) external onlyRole(STEWARD_ROLE) {
        Client storage entry = _existingClient(clientId);
        if (minimumImportance > LOWEST_IMPORTANCE) revert InvalidField("minimumImportance");
        TextLimits.requireReason(reason);
        entry.minimumImportance = minimumImportance;
        _setClientState(entry, clientId, ClientState.Admitted, reason);
    }

    /// @inheritdoc IRegistry
    function suspendClient(
        uint32 clientId,
        string calldata reason
    ) external onlyRole(STEWARD_ROLE) {
        Client storage entry = _existingClient(clientId);
        if (entry.state == ClientState.Suspended) {
            revert ClientTransitionRefused(clientId, entry.state, ClientState.Suspended);
        }
        TextLimits.requireReason(reason);
        _setClientState(entry, clientId, ClientState.Suspended, reason);
    }

    /// @inheritdoc IRegistry
    function client(uint32 clientId) external view returns (Client memory) {
        return _existingClient(clientId);
    }

    /// @inheritdoc IRegistry
    function clients(uint32 fromId, uint32 count) external view returns (Client[] memory page) {
        if (fromId == 0 || fromId > clientCount) return page;
        page = new Client[](Math.min(count, clientCount - fromId + 1));
        for (uint32 i = 0; i < page.length; ++i) page[i] = _clients[fromId + i];
    }

    /// @inheritdoc IRegistry
    function clientStanding(
        uint32 clientId
    ) external view returns (address signer, ClientState state) {
        Client storage entry = _clients[clientId];
        return (entry.signer, entry.state);
    }

    /// @inheritdoc IRegistry
    function clientIdOf(address signer) external view returns (uint32) {
        uint32 clientId = _everSignerOf[signer];
        return _clients[clientId].signer == signer ? clientId : 0;
    }

    function _setClientState(
        Client storage entry,
        uint32 clientId,
        ClientState to,
        string memory reason
    ) private {
        emit ClientStateChanged(clientId, entry.state, to, entry.minimumImportance, reason);
        entry.state = to;
    }

    function _claimSigner(address signer, uint32 clientId) private {
        uint32 owner = _everSignerOf[signer];
        if (owner != 0) revert SignerInUse(signer, owner);
        _everSignerOf[signer] = clientId;
    }

    function _existingClient(uint32 clientId) private view returns (Client storage entry) {
        entry = _clients[clientId];
        if (entry.state == ClientState.None) revert UnknownClient(clientId);
    }

    function _requireValid(RegisterClient calldata message) private pure {
        TextLimits.requireLength(
            bytes(message.name).length,
            1,
            TextLimits.CLIENT_NAME_BYTES,
            "name"
        );
        bool isRecoverable = message.recovery != address(0) && message.recovery != message.signer;
        if (!isRecoverable) revert InvalidField("recovery");
        if (message.openingKey == 0) revert InvalidField("openingKey");
    }

    function _hash(RegisterClient calldata message) private pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    REGISTER_TYPE_HASH,
                    message.signer,
                    message.recovery,
                    message.openingKey,
                    message.imoNumber,
                    keccak256(bytes(message.name))
                )
            );
    }
}
